/**
 * `npm run emulate -- firestore --port 8099`: runs one service alone, for any program that uses Google's
 * clients. Prints the variables that point the clients to it.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DataFileError } from './base/data-file.ts';
import { DataDirError, lockDataDir } from './data-dir.ts';
import { startFirestore } from './firestore/server.ts';
import { createIdentity } from './identity/identity.ts';
import { startIdentity } from './identity/server.ts';
import { startStorage } from './storage/server.ts';
import { startTasks } from './tasks/server.ts';

const USAGE = `Usage: npm run emulate -- <firestore|tasks|storage> [--port PORT] [--data-dir DIR]

  --port      0, the default, takes any free port
  --data-dir  folder of all data; without it, nothing is kept`;

const SIGNER = 'local@media-analysis-local.iam.gserviceaccount.com';

interface Options {
  port: number;
  dataDir?: string;
}

/** A running service, and the variables that point clients to it. */
interface Emulator {
  variables: Record<string, string>;
  notes?: string[];
  close(): Promise<void>;
}

const EMULATORS: Record<string, (options: Options) => Promise<Emulator>> = {
  async firestore(options) {
    const { host, port, close } = await startFirestore(options);
    return { variables: { FIRESTORE_EMULATOR_HOST: `${host}:${port}` }, close };
  },

  async tasks({ dataDir, port }) {
    const kept = dataDir === undefined ? {} : { dataDir };
    const identity = await createIdentity(kept);
    const issuer = await startIdentity({ identity, userAudience: 'local' });
    const tasks = await startTasks({ ...kept, port, identity });
    return {
      variables: {
        CLOUD_TASKS_EMULATOR_HOST: `${tasks.host}:${tasks.port}`,
        // The issuer of the OIDC tokens that the tasks carry.
        TASKS_ISSUER: identity.issuer,
        TASKS_JWKS_URL: issuer.jwksUri,
      },
      notes: [
        "Google's client does not read these variables. Use: new CloudTasksClient({ apiEndpoint, port, sslCreds: credentials.createInsecure() })",
      ],
      close: async () => {
        await tasks.close();
        await issuer.close();
      },
    };
  },

  async storage(options) {
    const { dataDir } = options;
    const identity = await createIdentity(dataDir === undefined ? {} : { dataDir });
    const publicKey = (email: string) => identity.publicKey(email);
    const { host, port, close } = await startStorage({ ...options, publicKey });
    const scratch = mkdtempSync(join(tmpdir(), 'storage-key-'));
    const keyFile = join(scratch, 'service-account.json');
    writeFileSync(keyFile, JSON.stringify(await identity.serviceAccountKey(SIGNER)), {
      mode: 0o600,
    });
    return {
      variables: {
        STORAGE_EMULATOR_HOST: `http://${host}:${port}`,
        GOOGLE_APPLICATION_CREDENTIALS: keyFile,
      },
      notes: ['Signed URLs work only if they are signed with these credentials.'],
      close: async () => {
        await close();
        rmSync(scratch, { recursive: true, force: true });
      },
    };
  },
};

async function main(): Promise<void> {
  const { name, start, options } = readCommandLine(process.argv.slice(2));
  const unlock = options.dataDir === undefined ? undefined : lockDataDir(options.dataDir);
  const emulator = await start(options);
  for (const [variable, value] of Object.entries(emulator.variables)) {
    console.log(`export ${variable}=${value}`);
  }
  for (const note of emulator.notes ?? []) console.log(`# ${note}`);
  console.log(`# Ready: ${name}. Ctrl-C ends it.`);
  const stop = () => {
    emulator.close().then(
      () => {
        unlock?.();
        process.exit(0);
      },
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

class UsageError extends Error {}

function readCommandLine(args: string[]) {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
  } catch (cause) {
    throw new UsageError((cause as Error).message, { cause });
  }
  const { positionals, values } = parsed;
  const [name, ...more] = positionals;
  const port = Number(values.port);
  if (!name || more.length > 0) throw new UsageError('Name exactly one service.');
  const start = Object.hasOwn(EMULATORS, name) ? EMULATORS[name] : undefined;
  if (!start) throw new UsageError(`There is no service "${name}".`);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new UsageError(`--port is "${values.port}"; it must be a whole number from 0 to 65535.`);
  }
  const dataDir = values['data-dir'];
  return { name, start, options: { port, ...(dataDir !== undefined && { dataDir }) } };
}

function parse(args: string[]) {
  return parseArgs({
    args,
    allowPositionals: true,
    options: { port: { type: 'string', default: '0' }, 'data-dir': { type: 'string' } },
  });
}

main().catch((error: unknown) => {
  if (error instanceof UsageError) console.error(`${error.message}\n\n${USAGE}`);
  else if (error instanceof DataDirError || error instanceof DataFileError)
    console.error(error.message);
  else if (String((error as Error).message).includes('EADDRINUSE')) {
    console.error('That port is in use. Choose another one with --port, or 0 for any free port.');
  } else console.error(error);
  process.exit(1);
});
