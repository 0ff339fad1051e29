/** When the user closes the terminal, or loses the connection to it, keeps the further messages for the next run. */
import { appendFileSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Stopped } from './commands.ts';
import type { Terminal } from './terminal.ts';

export interface LastingTerminal extends Terminal {
  /** Called when nobody reads any more. */
  close(): void;
  /** Prints the messages that nobody has read. */
  tellUnread(): void;
}

/** @param root the project's folder @param stopping ends a question */
export function surviveClosedTerminal(
  root: string,
  terminal: Terminal,
  stopping: AbortSignal,
): LastingTerminal {
  const path = join(root, 'terraform/.unread');
  let isClosed = false;
  const show = (text: string) => {
    // It may contain a link for choosing a password.
    if (isClosed) appendFileSync(path, text, { mode: 0o600 });
    else terminal.show(text);
  };
  const answerTo = async (ask: Terminal['ask'], question: string) => {
    try {
      stopping.throwIfAborted();
      return await ask(question, stopping);
    } catch (cause) {
      throw stopping.aborted ? new Stopped('While it asked.', { cause }) : cause;
    }
  };
  return {
    isInteractive: terminal.isInteractive,
    show,
    say: (line) => (isClosed ? show(`${line}\n`) : terminal.say(line)),
    ask: (question) => answerTo(terminal.ask, question),
    askSecret: (question) => answerTo(terminal.askSecret, question),
    close: () => {
      isClosed = true;
    },
    tellUnread: () => {
      if (!existsSync(path)) return;
      terminal.say(
        'The terminal of the last run from this folder was closed. What it has said since:',
      );
      for (const line of readFileSync(path, 'utf8').trim().split('\n')) terminal.say(`  | ${line}`);
      rmSync(path);
    },
  };
}
