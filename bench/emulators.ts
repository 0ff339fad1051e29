/**
 * `npm run bench:emulators [-- --repeats n]`: compares Google's Firestore emulator with ours, in turn.
 * Measures the time until the first write is answered, the time of some work, and the memory before and
 * after that work. The CPU time beside each number shows how much a busy machine adds.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Firestore } from '@google-cloud/firestore';
import { readCommand } from '../deploy/npm-options.ts';
import { startGoogleFirestore } from '../local/google/firestore.ts';
import { describeMachine, requireLinux, residentMb } from './lib/machine.ts';
import { median } from './lib/stats.ts';

interface Emulator {
  host: string;
  /** The ids of all processes of the emulator. */
  processes(): number[];
  close(): Promise<void>;
}

interface Measured {
  startMs: number;
  startCpuMs: number;
  idleMb: number;
  workMs: number;
  workCpuMs: number;
  busyMb: number;
}

const DOCUMENTS = 500;
const AT_ONCE = 50;
const EMULATE = fileURLToPath(new URL('../local-cloud/main.ts', import.meta.url));

requireLinux();
process.env.METADATA_SERVER_DETECTION = 'none';
delete process.env.FIRESTORE_EMULATOR_HOST;
const repeats = readCommand(
  'bench:emulators',
  'npm run bench:emulators [-- --repeats 3]',
  { repeats: { type: 'string', default: '3' } },
  (values, [more]) => {
    if (more !== undefined) throw new Error(`Unexpected argument '${more}'.`);
    if (!/^[1-9]\d*$/.test(values.repeats))
      throw new Error(`--repeats ${values.repeats}: write a whole number above 0.`);
    return Number(values.repeats);
  },
);
const emulators: Record<string, () => Promise<Emulator>> = {
  Ours: startOurs,
  "Google's": startGoogles,
};
const all = new Map<string, Measured[]>(Object.keys(emulators).map((name) => [name, []]));
for (let n = 0; n < repeats; n++) {
  for (const [name, start] of Object.entries(emulators)) {
    const measured = await measure(start);
    console.error(name, measured);
    all.get(name)?.push(measured);
  }
}

const { cpu, cores, node, load } = describeMachine();
console.log(`Medians of ${repeats}; ${cores} × ${cpu}, Node ${node}, load ${load}\n`);
console.log(
  `| Firestore | first write answered (processor) | memory then | ${DOCUMENTS} documents made, changed in transactions, listened to (processor) | memory after it |`,
);
console.log('|---|---|---|---|---|');
for (const [name, rows] of all) {
  const of = (key: keyof Measured) => median(rows.map((row) => row[key]));
  const start = `${seconds(of('startMs'))} (${seconds(of('startCpuMs'))})`;
  const work = `${seconds(of('workMs'))} (${seconds(of('workCpuMs'))})`;
  console.log(
    `| ${name} | ${start} | ${mebibytes(of('idleMb'))} | ${work} | ${mebibytes(of('busyMb'))} |`,
  );
}

async function measure(start: () => Promise<Emulator>): Promise<Measured> {
  const startedAt = performance.now();
  const emulator = await start();
  const db = new Firestore({ projectId: 'bench', host: emulator.host, ssl: false });
  try {
    await db.doc('first/write').set({ n: 1 });
    const startMs = performance.now() - startedAt;
    const startCpuMs = cpuMsOf(emulator);
    const idleMb = memoryOf(emulator);
    const workedAt = performance.now();
    await work(db);
    const workMs = performance.now() - workedAt;
    const workCpuMs = cpuMsOf(emulator) - startCpuMs;
    return { startMs, startCpuMs, idleMb, workMs, workCpuMs, busyMb: memoryOf(emulator) };
  } finally {
    await db.terminate();
    await emulator.close();
  }
}

/**
 * Works as the product does: each document is created and then claimed in a transaction, and a listener
 * sees both.
 */
async function work(db: Firestore): Promise<void> {
  const media = db.collection('media');
  const seen = Promise.withResolvers<void>();
  const stop = media.where('status', '==', 'claimed').onSnapshot((snapshot) => {
    if (snapshot.size === DOCUMENTS) seen.resolve();
  }, seen.reject);
  const claim = async (n: number) => {
    const ref = media.doc(`m${n}`);
    await ref.create({ status: 'pending', owner: `o${n % 100}`, n });
    await db.runTransaction(async (tx) => {
      const { status } = (await tx.get(ref)).data() ?? {};
      if (status === 'pending') tx.update(ref, { status: 'claimed' });
    });
  };
  let next = 0;
  const worker = async () => {
    while (next < DOCUMENTS) await claim(next++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  await seen.promise;
  stop();
}

async function startOurs(): Promise<Emulator> {
  const child = spawn(process.execPath, [EMULATE, 'firestore'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const host = /FIRESTORE_EMULATOR_HOST=(\S+)/.exec(line)?.[1];
    if (host === undefined) continue;
    const close = async () => {
      child.kill();
      await once(child, 'exit');
    };
    return { host, processes: () => [child.pid ?? 0], close };
  }
  throw new Error('The local Firestore did not start.');
}

async function startGoogles(): Promise<Emulator> {
  const { group = 0, host, close } = await startGoogleFirestore({ mayDownload: false });
  // gcloud itself holds memory beside the Java process that it starts.
  return { host, close, processes: () => processesOf(group) };
}

/** User and system time. The kernel counts them in ticks of 10 ms. */
function cpuMsOf({ processes }: Emulator): number {
  const ticks = processes().map((pid) => {
    const [user, system] = statOf(String(pid)).slice(11, 13).map(Number);
    return (user ?? 0) + (system ?? 0);
  });
  return ticks.reduce((sum, each) => sum + each, 0) * 10;
}

function memoryOf({ processes }: Emulator): number {
  return processes().reduce((sum, pid) => sum + residentMb(pid), 0);
}

function processesOf(group: number): number[] {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return all.filter((pid) => Number(statOf(pid)[2]) === group).map(Number);
}

/**
 * Fields of https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html from the third on: state, parent,
 * group, …
 */
function statOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
  } catch {
    // The process has ended since.
    return [];
  }
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

function mebibytes(mb: number): string {
  return `${Math.round(mb)} MiB`;
}
