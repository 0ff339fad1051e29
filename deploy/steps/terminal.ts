/** What a deployment says to the person before it, and asks. */
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { Stopped } from './commands.ts';

export interface Terminal {
  /** Whether somebody can answer. */
  readonly isInteractive: boolean;
  say(line: string): void;
  /** What a program says while it runs. */
  show(text: string): void;
  /** @param stopping Ends the question. @returns The answer without spaces around it; it may be empty. */
  ask(question: string, stopping?: AbortSignal): Promise<string>;
  /** The same; what is typed is not shown. */
  askSecret(question: string, stopping?: AbortSignal): Promise<string>;
}

/** So often a question is repeated: what is then still no answer is a no. */
const ASKED_AT_MOST = 3;

/** @returns Whether the answer is yes. A word that is neither is asked for again: a no may end a run of half an hour. */
export async function askWhether(terminal: Terminal, question: string): Promise<boolean> {
  for (let asked = 0; asked < ASKED_AT_MOST; asked++) {
    const answer = await terminal.ask(question);
    if (/^y(es)?$/i.test(answer)) return true;
    if (/^no?$/i.test(answer)) return false;
    if (asked + 1 < ASKED_AT_MOST) terminal.say('  Please write yes or no.');
  }
  return false;
}

/** The terminal in which the command was started. */
export function openTerminal(): Terminal {
  // It may be closed while something is written; the signal that says so comes a moment later.
  process.stdout.on('error', () => undefined);
  return {
    isInteractive: Boolean(process.stdin.isTTY && process.stdout.isTTY),
    say: (line) => console.log(line),
    show: (text) => void process.stdout.write(text),
    ask: (question, stopping) => read(question, process.stdout, stopping),
    askSecret: async (question, stopping) => {
      process.stdout.write(question);
      const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
      const answer = await read('', nowhere, stopping);
      process.stdout.write('\n');
      return answer;
    },
  };
}

/** @throws {Stopped} If the person presses Ctrl-C, or Ctrl-D. */
async function read(
  question: string,
  output: NodeJS.WritableStream,
  stopping?: AbortSignal,
): Promise<string> {
  const lines = createInterface({ input: process.stdin, output, terminal: true });
  const stop = new AbortController();
  // `error`: the terminal was closed.
  for (const event of ['close', 'error']) lines.on(event, () => stop.abort());
  const signal = AbortSignal.any([stop.signal, ...(stopping ? [stopping] : [])]);
  try {
    return (await lines.question(question, { signal })).trim();
  } catch (cause) {
    throw new Stopped('Nothing was answered.', { cause });
  } finally {
    lines.close();
  }
}
