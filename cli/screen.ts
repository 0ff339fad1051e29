/** Shows the progress on stderr: by bars in a terminal, otherwise by a line for each file. */
import { createLogUpdate } from 'log-update';
import type { Item } from './batch.ts';
import { barsOf, fit, lineOf } from './words.ts';

export interface Screen {
  /** Called when a file, or the number of sent bytes, has changed. */
  show(items: readonly Item[], changed: Item | undefined): void;
  /** Writes a line that stays. */
  say(line: string): void;
  /** Removes the bars. */
  close(): void;
}

/** Drawing more often is not visible. */
const DRAW_MS = 100;

export function createScreen(out: NodeJS.WriteStream, env: NodeJS.ProcessEnv): Screen {
  return drawsOn(out, env) ? createBars(out) : createLines(out);
}

/** Without a known width, bars cannot be drawn. */
export function drawsOn(out: NodeJS.WriteStream, env: NodeJS.ProcessEnv): boolean {
  return out.isTTY && out.columns > 0 && env.TERM !== 'dumb';
}

function createBars(out: NodeJS.WriteStream): Screen {
  const log = createLogUpdate(out);
  let timer: NodeJS.Timeout | undefined;
  return {
    show(items, changed) {
      if (changed?.problem) log.persist(fit(lineOf(changed), out.columns));
      timer ??= setTimeout(() => {
        timer = undefined;
        log(barsOf(items));
      }, DRAW_MS);
    },
    say: (line) => log.persist(line),
    close() {
      clearTimeout(timer);
      log.clear();
      log.done();
    },
  };
}

function createLines(out: NodeJS.WriteStream): Screen {
  const said = new Map<Item, string>();
  const say = (line: string) => void out.write(`${line}\n`);
  return {
    show(_items, changed) {
      if (!changed) return;
      const { state, media } = changed;
      const wait = state === 'accepted' && media?.retry_at ? media.wait_code : null;
      const news = state === 'accepted' ? `${state} ${wait}` : state;
      if (said.get(changed) === news) return;
      said.set(changed, news);
      const line = state === 'accepted' ? lineOf(changed).replace(/^\w+/, 'sent') : lineOf(changed);
      say(wait ? line.replace(/^sent/, `waits (${wait})`) : line);
    },
    say,
    close: () => undefined,
  };
}
