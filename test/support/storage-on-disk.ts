/** The local Cloud Storage in a process of its own, over a folder: to be stopped, killed and weighed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from '@jest/globals';
import { endWithUs } from './end-with-us.ts';
import { clientFor } from './storage.ts';

const PROGRAM = fileURLToPath(new URL('./storage-process.ts', import.meta.url));

export class StorageOnDisk {
  readonly dataDir = mkdtempSync(join(tmpdir(), 'storage-test-'));
  #child: ChildProcess | undefined;

  /** Starts a server process on the data directory and connects to it. */
  async spawn() {
    const child = spawn(process.execPath, [PROGRAM, this.dataDir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#child = endWithUs(child);
    const [port] = await once(createInterface(child.stdout), 'line');
    return connect(Number(port));
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.dataDir, { recursive: true });
  }

  get files(): number {
    return readdirSync(join(this.dataDir, 'objects')).length;
  }

  /** Memory of the server's process, as Linux counts it. */
  get residentMegabytes(): number {
    const status = readFileSync(`/proc/${this.#child?.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
  }
}

export function connect(port: number) {
  const endpoint = `http://127.0.0.1:${port}`;
  return { endpoint, bucket: clientFor(endpoint).bucket('durable-bucket') };
}

/** @param turns For each round: turns of the event loop between the first object that is acknowledged and the end. */
export async function expectNoLossWhenKilled(
  storage: StorageOnDisk,
  turns: readonly number[],
): Promise<void> {
  let { bucket } = await storage.spawn();
  await bucket.create();
  const acknowledged = new Set<string>();
  for (const [round, count] of turns.entries()) {
    const uploads = Array.from({ length: 30 }, async (_, at) => {
      const name = `${round}-${at}`;
      const content = contentOf(name);
      await bucket.file(name).save(content, { resumable: at % 3 === 0 });
      acknowledged.add(name);
    });
    // Killed in the middle: some uploads are acknowledged, others are on their way.
    await Promise.any(uploads);
    for (let turn = 0; turn < count; turn++) await setImmediate();
    await storage.kill();
    await Promise.allSettled(uploads);
    ({ bucket } = await storage.spawn());
    const [files] = await bucket.getFiles();
    const names = new Set(files.map((file) => file.name));
    expect([...acknowledged].filter((name) => !names.has(name))).toEqual([]);
    for (const file of files) {
      expect((await file.download())[0].equals(contentOf(file.name))).toBe(true);
    }
  }
  expect(acknowledged.size).toBeGreaterThanOrEqual(turns.length);
}

/** 200 kB or so that depend on the name. */
function contentOf(name: string): Buffer {
  return Buffer.from(`${name} `.repeat(40_000));
}
