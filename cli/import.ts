/** `media-analysis import`: the service fetches files from a bucket, or from addresses. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type CreateImport, type Import, importSchema } from '@media-analysis/shared/imports';
import { RETRY_DEFAULTS, retry } from '@media-analysis/shared/retry';
import { createLogUpdate } from 'log-update';
import { isTransient } from '../web/src/client/errors.ts';
import type { Command } from './arguments.ts';
import { type Connection, connect, refuseUnknown } from './connection.ts';
import { drawsOn } from './screen.ts';
import type { Terminal } from './terminal.ts';
import { failuresOf, importBar, importSum, printable } from './words.ts';

/** The service works on an import at least every ten seconds. */
const LOOK_MS = 2_000;
/** Tries while the service or the network is down: about five minutes. */
const LOOKS = { ...RETRY_DEFAULTS, retries: 30, isRetryable: isTransient };

/** @returns the exit code */
export async function importFiles(
  { service, what, isPatient, isJson }: Extract<Command, { name: 'import' }>,
  { env, stdout, stderr, signal }: Terminal,
): Promise<number> {
  const connection = await connect(service);
  if ('source' in what) await refuseUnknown(what.analyses, connection, signal);
  const ask = createAsk(connection, signal);
  const screen = createProgress(stderr, env);
  let run = await begin(what, ask);
  const path = `/api/imports/${run.id}`;
  try {
    while (isPatient && run.state === 'running') {
      screen.show(run);
      await sleep(LOOK_MS, undefined, { signal });
      run = await retry(() => ask(path), { ...LOOKS, signal });
    }
  } catch (error) {
    screen.close();
    if (signal.aborted) stderr.write(`Stopped looking. ${importSum(run)}\n${howToGoOn(run.id)}\n`);
    throw error;
  }
  screen.close();
  stdout.write(isJson ? `${JSON.stringify(run)}\n` : failuresOf(run, stdout.columns || undefined));
  stderr.write(`${importSum(run)}\n`);
  if (run.error_message !== null) stderr.write(`${printable(run.error_message)}\n`);
  if (run.ended_at === null) stderr.write(`${howToGoOn(run.id)}\n`);
  // Without waiting, the import only has to begin; `--cancel` only has to end it.
  if (!isPatient || 'cancel' in what) return 0;
  return run.state === 'completed' && run.failed === 0 ? 0 : 1;
}

type Ask = (path: string, body?: object) => Promise<Import>;

function createAsk({ http }: Connection, signal: AbortSignal): Ask {
  return async (path, body) => {
    const json = { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
    const init = { signal, ...(body && { method: 'POST', ...json }) };
    return importSchema.parse(await http.json(path, init));
  };
}

/** Sent once: nobody could tell a repeated call from a second import. */
function begin(what: Extract<Command, { name: 'import' }>['what'], ask: Ask): Promise<Import> {
  if ('cancel' in what) return ask(`/api/imports/${what.cancel}/cancel`, {});
  if ('id' in what) return ask(`/api/imports/${what.id}`);
  return ask('/api/imports', what satisfies CreateImport);
}

function howToGoOn(id: string): string {
  return `To look again: media-analysis import ${id}, with the same options. To end it: add --cancel.`;
}

interface Progress {
  show(run: Import): void;
  close(): void;
}

/** A bar in a terminal; otherwise a line for each change. */
function createProgress(out: NodeJS.WriteStream, env: NodeJS.ProcessEnv): Progress {
  if (drawsOn(out, env)) {
    const log = createLogUpdate(out);
    return {
      show: (run) => log(importBar(run)),
      close: () => {
        log.clear();
        log.done();
      },
    };
  }
  let said = '';
  return {
    show: (run) => {
      const line = importSum(run);
      if (line !== said) out.write(`${line}\n`);
      said = line;
    },
    close: () => undefined,
  };
}
