/** What the operating system knows of a process, and which core it may use. Linux: the numbers come from /proc. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';

/** The server under test has a core for itself; everything that drives it shares the others. */
const SERVER_CORE = 0;

const hasTaskset = process.platform === 'linux' && existsSync('/usr/bin/taskset');
const canPin = hasTaskset && cpus().length > 1;

export type Core = 'server' | 'load';

export interface Machine {
  cpu: string;
  cores: number;
  memory_mb: number;
  node: string;
  /** Whether server and load had cores of their own. */
  pinned: boolean;
  /** Runnable processes when the run began (1 min average): above 1 somebody else was at work too. */
  load: number;
}

export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memory_mb: Math.round(totalmem() / 2 ** 20),
    node: process.versions.node,
    pinned: canPin,
    load: Math.round((loadavg()[0] ?? 0) * 100) / 100,
  };
}

/** @throws {Error} where there is no /proc to read. */
export function requireLinux(): void {
  if (existsSync('/proc/self/task')) return;
  throw new Error('The benches read CPU and memory from /proc: run them on Linux.');
}

/** Lets a process, and what it starts from now on, run on the given core, or on all but it. */
export function pin(pid: number, core: Core): void {
  if (!canPin) return;
  const cores = core === 'server' ? `${SERVER_CORE}` : `${SERVER_CORE + 1}-${cpus().length - 1}`;
  execFileSync('taskset', ['--all-tasks', '--cpu-list', '--pid', cores, String(pid)]);
}

/** Milliseconds of CPU that the threads of a process have used, to the nanosecond (`times` has 10 ms ticks). */
export function cpuMs(pid: number): number {
  const tasks = readdirSync(`/proc/${pid}/task`);
  const used = tasks.map((task) => readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8'));
  return used.reduce((sum, text) => sum + Number(text.split(' ')[0]), 0) / 1e6;
}

/** Mebibytes of memory that a process holds. */
export const residentMb = (pid: number): number => statusField(pid, 'VmRSS');

/** The most that it held since `resetPeak`. */
export const peakMb = (pid: number): number => statusField(pid, 'VmHWM');

/** https://docs.kernel.org/filesystems/proc.html: "5" resets the peak of the resident set. */
export function resetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

function statusField(pid: number, name: string): number {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1]) / 1_024;
}

/** Established TCP connections of a process to a port of this machine. */
export function connectionsTo(pid: number, port: number): number {
  const own = new Set(readdirSync(`/proc/${pid}/fd`).map((fd) => target(`/proc/${pid}/fd/${fd}`)));
  const remote = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const ESTABLISHED = '01';
  // https://docs.kernel.org/networking/proc_net_tcp.html; the table is of all processes.
  const rows = readFileSync(`/proc/${pid}/net/tcp`, 'utf8').trim().split('\n').slice(1);
  return rows.filter((text) => {
    const columns = text.trim().split(/\s+/);
    const [, , to, state] = columns;
    return to === remote && state === ESTABLISHED && own.has(`socket:[${columns[9]}]`);
  }).length;
}

function target(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    // Closed meanwhile.
    return '';
  }
}
