#!/usr/bin/env node
/** `npx media-analysis`: photos and videos from a terminal. */
import { MediaClientError } from '../web/src/client/errors.ts';
import { readArguments, USAGE } from './arguments.ts';
import { OLDEST_NODE } from './node.ts';
import packageJson from './package.json' with { type: 'json' };
import type { Terminal } from './terminal.ts';
import { printable, WHO_YOU_ARE } from './words.ts';

/** Errors whose message says what to do. */
const FOR_PEOPLE = new Set([
  ...['UsageError', 'ConnectionError', 'MediaClientError'],
  // Errors of the services on this machine.
  ...['DataFileError', 'ConfigError', 'ModelError', 'AnalysesError'],
]);

const CODES: Record<string, number> = { SIGINT: 130, SIGTERM: 143 };

const stop = new AbortController();
let stoppedBy: string | undefined;
for (const name of Object.keys(CODES)) {
  process.on(name, () => {
    // A second Ctrl-C does not wait.
    if (stoppedBy !== undefined) process.exit(CODES[stoppedBy]);
    stoppedBy = name;
    stop.abort();
  });
}
// `media-analysis … | head`
process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
  if (code === 'EPIPE') stop.abort();
});
// `… 2>&1 | head`: nobody reads any more, and the work goes on.
process.stderr.on('error', () => undefined);

process.exitCode = await run();

async function run(): Promise<number> {
  const { env, stdout, stderr } = process;
  if (process.versions.node.localeCompare(OLDEST_NODE, 'en', { numeric: true }) < 0) {
    stderr.write(
      `media-analysis needs Node ${OLDEST_NODE} or newer; this is ${process.version}.\n`,
    );
    return 1;
  }
  // npm runs its scripts in the folder of package.json: https://docs.npmjs.com/cli/commands/npm-run
  const folder = (env.npm_lifecycle_event === 'cli' && env.INIT_CWD) || process.cwd();
  const terminal: Terminal = { env, folder, stdout, stderr, signal: stop.signal };
  try {
    const command = readArguments(process.argv.slice(2), env);
    switch (command.name) {
      case 'help':
        stdout.write(`${USAGE}\n`);
        return 0;
      case 'version':
        stdout.write(`${packageJson.version}\n`);
        return 0;
      case 'send':
        return await (await import('./send.ts')).send(command, terminal);
      case 'import':
        return await (await import('./import.ts')).importFiles(command, terminal);
      case 'inspect':
        return await (await import('./inspect.ts')).inspect(command, terminal);
      case 'mcp':
        return await (await import('./mcp.ts')).serve(command, terminal);
    }
  } catch (error) {
    if (stop.signal.aborted) return stoppedBy === undefined ? 1 : (CODES[stoppedBy] ?? 1);
    stderr.write(`${explain(error).split('\n').map(printable).join('\n')}\n`);
    return (error as Error).name === 'UsageError' ? 2 : 1;
  }
}

function explain(error: unknown): string {
  const { name, message } = error as Error;
  if (name === 'UsageError') return `${message}\n\nmedia-analysis --help says more.`;
  if (name === 'DataDirError') {
    return `${message}\nIf npm start runs there, send to it: --url http://localhost:8080`;
  }
  if (error instanceof MediaClientError && error.code === 'unauthenticated') {
    return `${message}\n${WHO_YOU_ARE}`;
  }
  return FOR_PEOPLE.has(name) ? message : ((error as Error).stack ?? String(error));
}
