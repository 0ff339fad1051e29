/** The messages and questions of a deployment to its user. */
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { Stopped } from './commands.ts';

export interface Terminal {
  /** True if somebody can answer. */
  readonly isInteractive: boolean;
  say(line: string): void;
  /** Shows the output of a program while it runs. */
  show(text: string): void;
  /** @param stopping ends the question @returns the answer without spaces around it; it may be empty */
  ask(question: string, stopping?: AbortSignal): Promise<string>;
  /** The same without showing the typed text. */
  askSecret(question: string, stopping?: AbortSignal): Promise<string>;
}

/** A question is asked this often. After that, a missing answer is a no. */
const ASKED_AT_MOST = 3;

/** @returns true if the answer is yes. Any other word is asked about again: a no may end a run of half an hour. */
export async function askYesNo(terminal: Terminal, question: string): Promise<boolean> {
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
  // It may be closed while something is written; the signal for it comes a moment later.
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

/** @throws {Stopped} if the user presses Ctrl-C, or Ctrl-D */
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
