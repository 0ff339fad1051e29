/** Several services in one process, with one folder and one set of keys, as `main.ts` starts them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockDataDir } from './base/data-dir.ts';
import { ownAddress } from './base/this-machine.ts';
import { startFirestore } from './firestore/server.ts';
import { createIdentity, type Identity } from './identity/identity.ts';
import { startIdentity } from './identity/server.ts';
import { startStorage } from './storage/server.ts';
import { startTasks } from './tasks/server.ts';

export const SERVICES = ['firestore', 'storage', 'tasks', 'identity'] as const;
export type ServiceName = (typeof SERVICES)[number];

export interface ServicesOptions {
  /** Written into the key that the storage accepts: Google's clients read it there. */
  project: string;
  host?: string;
  /** Without a port, a service takes any free one. */
  ports?: Partial<Record<ServiceName, number>>;
  /** Folder of all data. Without it, nothing outlives `close`. */
  dataDir?: string | undefined;
}

export interface RunningServices {
  /** They point Google's clients, and others, to the services. */
  variables: Record<string, string>;
  /** Sentences for the user. */
  notes: string[];
  close(): Promise<void>;
}

/** The message says why a service cannot listen, and what to do. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

interface Context {
  identity: Identity;
  kept: { dataDir?: string };
  host: string;
  portOf: (name: ServiceName) => { port?: number };
  project: string;
}

type Started = RunningServices;

const START: Record<ServiceName, (context: Context) => Promise<Started>> = {
  async firestore({ host, kept, portOf }) {
    const { port, close } = await startFirestore({ ...kept, ...portOf('firestore'), host });
    return { variables: { FIRESTORE_EMULATOR_HOST: ownAddress(host, port) }, notes: [], close };
  },

  async storage({ host, identity, kept, portOf, project }) {
    const publicKey = (email: string) => identity.publicKey(email);
    const storage = await startStorage({ ...kept, ...portOf('storage'), host, publicKey });
    const scratch = mkdtempSync(join(tmpdir(), 'storage-key-'));
    const keyFile = join(scratch, 'service-account.json');
    const key = await identity.serviceAccountKey(`local@${project}.iam.gserviceaccount.com`);
    writeFileSync(keyFile, JSON.stringify(key), { mode: 0o600 });
    return {
      variables: {
        STORAGE_EMULATOR_HOST: `http://${ownAddress(host, storage.port)}`,
        GOOGLE_APPLICATION_CREDENTIALS: keyFile,
      },
      notes: ['Signed URLs work only if they are signed with these credentials.'],
      close: async () => {
        await storage.close();
        rmSync(scratch, { recursive: true, force: true });
      },
    };
  },

  async tasks({ host, identity, kept, portOf }) {
    const { port, close } = await startTasks({ ...kept, ...portOf('tasks'), host, identity });
    return {
      variables: { CLOUD_TASKS_EMULATOR_HOST: ownAddress(host, port) },
      notes: [
        "Google's client does not read CLOUD_TASKS_EMULATOR_HOST. Use: new CloudTasksClient({ apiEndpoint, port, sslCreds: credentials.createInsecure() })",
      ],
      close,
    };
  },

  /** It starts with the tasks as well, whose targets read the keys of their tokens there. */
  async identity({ host, identity, portOf, project }) {
    const issuer = await startIdentity({
      ...portOf('identity'),
      host,
      identity,
      userAudience: project,
    });
    const url = `http://${ownAddress(host, issuer.port)}`;
    return {
      variables: {
        IDENTITY_URL: url,
        // The issuer of the OIDC tokens that the tasks carry.
        TASKS_ISSUER: identity.issuer,
        TASKS_JWKS_URL: issuer.jwksUri,
      },
      notes: [`A token for any user: curl -d '{"sub":"alice"}' ${url}/local/token`],
      close: issuer.close,
    };
  },
};

/** @throws {DataDirError} {DataFileError} {ListenError} */
export async function startServices(
  names: readonly ServiceName[],
  { project, host = '127.0.0.1', ports = {}, dataDir }: ServicesOptions,
): Promise<RunningServices> {
  const unlock = dataDir === undefined ? undefined : lockDataDir(dataDir, '--data-dir');
  const running: Started[] = [];
  const close = async () => {
    for (const service of running.reverse()) await service.close();
    unlock?.();
  };
  try {
    const kept = dataDir === undefined ? {} : { dataDir };
    const identity = await createIdentity(kept);
    const portOf = (name: ServiceName) => {
      const port = ports[name];
      return port === undefined ? {} : { port };
    };
    const context = { identity, kept, host, portOf, project };
    const wanted = new Set(names.includes('tasks') ? [...names, 'identity' as const] : names);
    for (const name of wanted) {
      const where = `${host}:${ports[name] ?? 0}`;
      running.push(await START[name](context).catch((error) => refuse(name, where, error)));
    }
  } catch (error) {
    await close();
    throw error;
  }
  return {
    variables: Object.assign({}, ...running.map(({ variables }) => variables)),
    notes: running.flatMap(({ notes }) => notes),
    close,
  };
}

const CANNOT_LISTEN = /\b(EADDRINUSE|EADDRNOTAVAIL|ENOTFOUND|EAI_AGAIN|listen EACCES)\b/;

function refuse(name: ServiceName, where: string, cause: Error): never {
  const [, code] = CANNOT_LISTEN.exec(cause.message) ?? [];
  if (code === undefined) throw cause;
  throw new ListenError(
    code === 'EADDRINUSE'
      ? `${name} cannot listen on ${where}: the port is in use. Choose another one with --${name}-port, or leave it out for any free port.`
      : `${name} cannot listen on ${where} (${cause.message}). Choose another one with --host or --${name}-port.`,
    { cause },
  );
}
