/**
 * Stores queues, tasks and reserved names in SQLite. Confirmed calls survive a crash, and the index on the schedule is the
 * dispatcher's priority queue.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { openDataFile } from '../base/data-file.ts';
import type { BeforeWrite } from '../base/disk-full.ts';
import type { NewTask, Queue, Task, TaskProgress } from './model.ts';
import { readTask, SCHEMA, type TaskRow } from './schema.ts';

const NO_PROGRESS: TaskProgress = { dispatchCount: 0, responseCount: 0, executionCount: 0 };

export class Store {
  readonly #db: DatabaseSync;
  readonly #beforeWrite: BeforeWrite;
  readonly #statements = new Map<string, ReturnType<DatabaseSync['prepare']>>();

  /** @param dataDir folder; by default in memory */
  constructor(dataDir?: string, beforeWrite: BeforeWrite = () => undefined) {
    this.#beforeWrite = beforeWrite;
    if (dataDir !== undefined) mkdirSync(dataDir, { recursive: true });
    this.#db = openDataFile(
      dataDir === undefined ? ':memory:' : join(dataDir, 'tasks.sqlite'),
      (db) => {
        db.exec(SCHEMA);
        return db;
      },
    );
  }

  close(): void {
    this.#db.close();
  }

  queue(name: string): Queue | undefined {
    const row = this.#get<{ queue: string }>('SELECT queue FROM queues WHERE name = ?', name);
    return row && JSON.parse(row.queue);
  }

  /** Queues of a location in the order of their names, after the name `after`. */
  queues(location: string, after: string, limit: number): Queue[] {
    const prefix = `${location}/queues/`;
    return this.#all<{ queue: string }>(
      `SELECT queue FROM queues WHERE name > ? AND substr(name, 1, ?) = ? ORDER BY name LIMIT ?`,
      after,
      prefix.length,
      prefix,
      limit,
    ).map((row) => JSON.parse(row.queue));
  }

  allQueues(): Queue[] {
    return this.#all<{ queue: string }>('SELECT queue FROM queues').map((row) =>
      JSON.parse(row.queue),
    );
  }

  putQueue(queue: Queue): void {
    this.#run(
      'INSERT INTO queues (name, queue) VALUES (?, ?) ON CONFLICT DO UPDATE SET queue = excluded.queue',
      queue.name,
      JSON.stringify(queue),
    );
  }

  /** Deletes a queue with its tasks and tombstones. */
  deleteQueue(name: string): void {
    this.#run('DELETE FROM queues WHERE name = ?', name);
  }

  /** Deletes every task of the queue and reserves their names. */
  purge(queue: Queue, reservedUntilUs: number): void {
    this.#transaction(() => {
      this.#run(
        'INSERT OR REPLACE INTO tombstones SELECT name, queue, ? FROM tasks WHERE queue = ?',
        reservedUntilUs,
        queue.name,
      );
      this.#run('DELETE FROM tasks WHERE queue = ?', queue.name);
      this.putQueue(queue);
    });
  }

  /** The reason why a new task cannot have this name: a task has it, or had it recently. Undefined if the name is free. */
  nameTaken(name: string, nowUs: number): 'exists' | 'reserved' | undefined {
    if (this.#get('SELECT 1 FROM tasks WHERE name = ?', name)) return 'exists';
    const sql = 'SELECT 1 FROM tombstones WHERE name = ? AND until_us > ?';
    return this.#get(sql, name, nowUs) ? 'reserved' : undefined;
  }

  /** The name must be free. */
  insertTask(task: NewTask): Task {
    const { lastInsertRowid } = this.#run(
      `INSERT INTO tasks (name, queue, create_us, schedule_us, request, progress, body)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
      task.name,
      task.queue,
      task.createUs,
      task.scheduleUs,
      JSON.stringify(task.request),
      JSON.stringify(NO_PROGRESS),
      task.body,
    );
    return { ...task, id: Number(lastInsertRowid), progress: NO_PROGRESS };
  }

  task(name: string): Task | undefined {
    return this.#task('SELECT * FROM tasks WHERE name = ?', name);
  }

  taskById(id: number): Task | undefined {
    return this.#task('SELECT * FROM tasks WHERE id = ?', id);
  }

  /** Tasks of a queue in the order of their names, after the name `after`. */
  tasks(queue: string, after: string, limit: number): Task[] {
    return this.#all<TaskRow>(
      'SELECT * FROM tasks WHERE queue = ? AND name > ? ORDER BY name LIMIT ?',
      queue,
      after,
      limit,
    ).map(readTask);
  }

  /** The task that is dispatched next, now or later. Running tasks are ignored. */
  next(queue: string): { id: number; scheduleUs: number } | undefined {
    return this.#get(
      `SELECT id, schedule_us AS scheduleUs FROM tasks
       WHERE queue = ? AND running = 0 ORDER BY schedule_us, id LIMIT 1`,
      queue,
    );
  }

  attemptBegan(id: number, progress: TaskProgress): void {
    const sql = 'UPDATE tasks SET running = running + 1, progress = ? WHERE id = ?';
    this.#run(sql, JSON.stringify(progress), id);
  }

  attemptFailed(id: number, progress: TaskProgress, scheduleUs: number): void {
    this.#run(
      'UPDATE tasks SET running = running - 1, progress = ?, schedule_us = ? WHERE id = ?',
      JSON.stringify(progress),
      scheduleUs,
      id,
    );
  }

  /** Removes a task and reserves its name. */
  endTask({ id, name, queue }: Task, nowUs: number, reservedUntilUs: number): void {
    this.#transaction(() => {
      this.#run('DELETE FROM tasks WHERE id = ?', id);
      this.#run('DELETE FROM tombstones WHERE until_us <= ?', nowUs);
      this.#run('INSERT OR REPLACE INTO tombstones VALUES (?, ?, ?)', name, queue, reservedUntilUs);
    });
  }

  #task(sql: string, key: string | number): Task | undefined {
    const row = this.#get<TaskRow>(sql, key);
    return row && readTask(row);
  }

  #transaction(change: () => void): void {
    this.#db.exec('BEGIN');
    try {
      change();
      this.#db.exec('COMMIT');
    } catch (error) {
      // SQLite may have rolled back by itself, as it does when the disk is full.
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  #prepare(sql: string): ReturnType<DatabaseSync['prepare']> {
    const statement = this.#statements.get(sql) ?? this.#db.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  #run(sql: string, ...values: SQLInputValue[]): { lastInsertRowid: number | bigint } {
    this.#beforeWrite(sql.length);
    return this.#prepare(sql).run(...values);
  }

  #get<Row>(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#prepare(sql).get(...values) as Row | undefined;
  }

  #all<Row>(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#prepare(sql).all(...values) as Row[];
  }
}
