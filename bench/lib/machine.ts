/**
 * Reads a process's CPU time and memory, and chooses its core. Linux only: the numbers come from /proc.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';

/** The server under test has this core for itself. Everything that drives it shares the others. */
const SERVER_CORE = 0;

const hasTaskset = process.platform === 'linux' && existsSync('/usr/bin/taskset');
const canPin = hasTaskset && cpus().length > 1;

export type Core = 'server' | 'load';

export interface Machine {
  cpu: string;
  cores: number;
  memory_mb: number;
  node: string;
  /** Whether server and load had separate cores. */
  pinned: boolean;
  /**
   * Average number of runnable processes in the minute before the run. Above 1, other programs were busy
   * too.
   */
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

/** @throws {Error} If the machine has no /proc. */
export function requireLinux(): void {
  if (existsSync('/proc/self/task')) return;
  throw new Error('The benches read CPU and memory from /proc: run them on Linux.');
}

/** Pins a process and its future threads to the server's core, or to all cores but that one. */
export function pin(pid: number, core: Core): void {
  if (!canPin) return;
  const cores = core === 'server' ? `${SERVER_CORE}` : `${SERVER_CORE + 1}-${cpus().length - 1}`;
  execFileSync('taskset', ['--all-tasks', '--cpu-list', '--pid', cores, String(pid)]);
}

/**
 * CPU time of a process's threads in milliseconds. Exact to the nanosecond, unlike `times` with its ticks
 * of 10 ms.
 */
export function cpuMs(pid: number): number {
  const tasks = readdirSync(`/proc/${pid}/task`);
  const used = tasks.map((task) => readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8'));
  return used.reduce((sum, text) => sum + Number(text.split(' ')[0]), 0) / 1e6;
}

/** Resident memory of a process in MiB. */
export const residentMb = (pid: number): number => statusField(pid, 'VmRSS');

/** Highest resident memory since `resetPeak`, in MiB. */
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
  // https://docs.kernel.org/networking/proc_net_tcp.html. The table has the connections of all processes.
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
    // The descriptor was closed since.
    return '';
  }
}
