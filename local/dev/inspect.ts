/** `--inspect` and `--inspect=api,worker`: the processes that a debugger can attach to, and their ports. */
import { freePort } from '../base/free-port.ts';

/** In the order of their ports; `.vscode/launch.json` has the same numbers. */
const PROCESSES = ['api', 'worker', 'stream', 'genkit'] as const;
export type ProcessName = (typeof PROCESSES)[number];

/** Node's default: https://nodejs.org/api/cli.html#--inspecthostport */
const FIRST_PORT = 9_229;

/** The message says which options are possible. */
class OptionError extends Error {
  override readonly name = 'OptionError';
}

/**
 * @returns the debugger's port of each named process, e.g. `worker → 9230`; another port if that one is in use
 * @throws {OptionError}
 */
export async function readInspect(args: readonly string[]): Promise<Map<ProcessName, number>> {
  const option = args.find((arg) => /^--inspect(=|$)/.test(arg));
  if (option === undefined) return new Map();
  const [, list] = option.split('=');
  const names = list === undefined ? PROCESSES : list.split(',').map(toName);
  const ports = names.map(async (name) => [name, await portOf(name)] as const);
  return new Map(await Promise.all(ports));
}

function portOf(name: ProcessName): Promise<number> {
  return freePort(FIRST_PORT + PROCESSES.indexOf(name)).catch(() => freePort());
}

function toName(text: string): ProcessName {
  const found = PROCESSES.find((name) => name === text);
  if (found) return found;
  throw new OptionError(`--inspect: there is no "${text}". Name some of ${PROCESSES.join(', ')}.`);
}
