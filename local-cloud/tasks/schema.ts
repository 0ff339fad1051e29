/** The store's tables, and the row of a task. */
import type { Task } from './model.ts';

export const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA foreign_keys = ON;
  CREATE TABLE IF NOT EXISTS queues (name TEXT PRIMARY KEY, queue TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS tasks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    queue TEXT NOT NULL REFERENCES queues ON DELETE CASCADE,
    create_us INTEGER NOT NULL,
    schedule_us INTEGER NOT NULL,
    running INTEGER NOT NULL DEFAULT 0, -- attempts under way: RunTask may add one to another
    request TEXT NOT NULL,
    progress TEXT NOT NULL,
    body BLOB NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS tasks_by_schedule ON tasks (queue, running, schedule_us, id);
  CREATE TABLE IF NOT EXISTS tombstones (
    name TEXT PRIMARY KEY,
    queue TEXT NOT NULL REFERENCES queues ON DELETE CASCADE,
    until_us INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS tombstones_by_end ON tombstones (until_us);
  CREATE INDEX IF NOT EXISTS tombstones_by_queue ON tombstones (queue);
  -- Attempts that a former process left under way are made again: at least once.
  UPDATE tasks SET running = 0 WHERE running <> 0;
`;

export interface TaskRow {
  id: number;
  name: string;
  queue: string;
  create_us: number;
  schedule_us: number;
  request: string;
  progress: string;
  body: Uint8Array;
}

export function readTask(row: TaskRow): Task {
  return {
    id: row.id,
    name: row.name,
    queue: row.queue,
    createUs: row.create_us,
    scheduleUs: row.schedule_us,
    request: JSON.parse(row.request),
    progress: JSON.parse(row.progress),
    body: row.body,
  };
}
