/**
 * Google's own clients, made on first use: google-gax is most of a cold start, so a request that
 * needs no queue should not load one. `FIRESTORE_EMULATOR_HOST` and `STORAGE_EMULATOR_HOST` are
 * honoured by the clients themselves; the Cloud Tasks client knows no such variable.
 */
import type { Firestore } from '@google-cloud/firestore';
import type { Storage } from '@google-cloud/storage';
import type { CloudTasksClient } from '@google-cloud/tasks';
import type { ChannelOptions } from '@grpc/grpc-js';
import type { CredentialBody } from 'google-auth-library';

/** Runs `make` at the first call and answers every call with what it made; a failure is not kept. */
export function lazy<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}

/**
 * One for all clients of the process: each client by itself asks the metadata server for a token of its own,
 * and to sign one address asks it twice for the account's name.
 */
export const googleAuth = lazy(async () => {
  const { GoogleAuth } = await import('google-auth-library');
  const auth = new GoogleAuth({ scopes: 'https://www.googleapis.com/auth/cloud-platform' });
  const ask = auth.getCredentials.bind(auth) as () => Promise<CredentialBody>;
  auth.getCredentials = lazy(ask);
  return auth;
});

/**
 * A connection can die without a word while an instance rests and has no CPU; the first call after that would wait
 * for minutes. It is asked at once, and given up before the stream gives up (`FIRST_STATE_MS`). Google takes a ping
 * every 30 s: https://github.com/googleapis/java-bigtable-hbase/pull/2683
 */
const KEEPALIVE: ChannelOptions = {
  'grpc.keepalive_time_ms': 60_000,
  'grpc.keepalive_timeout_ms': 5_000,
};

export async function createFirestore(
  config: {
    GOOGLE_CLOUD_PROJECT: string;
    FIRESTORE_DATABASE: string;
    FIRESTORE_EMULATOR_HOST?: string | undefined;
  },
  // Google's emulator takes pings for an attack, and there is nothing between it and us.
  keepalive = config.FIRESTORE_EMULATOR_HOST === undefined ? KEEPALIVE : {},
): Promise<Firestore> {
  const { Firestore } = await import('@google-cloud/firestore');
  return new Firestore({
    ...keepalive,
    auth: await googleAuth(),
    projectId: config.GOOGLE_CLOUD_PROJECT,
    databaseId: config.FIRESTORE_DATABASE,
  });
}

export async function createStorage(config: { GOOGLE_CLOUD_PROJECT: string }): Promise<Storage> {
  const { IdempotencyStrategy, Storage } = await import('@google-cloud/storage');
  return new Storage({
    authClient: await googleAuth(),
    projectId: config.GOOGLE_CLOUD_PROJECT,
    // Every call of ours may be repeated: names are unique, and nothing is ever written over. By
    // default the client repeats no deletion, and objects would stay behind.
    retryOptions: { idempotencyStrategy: IdempotencyStrategy.RetryAlways },
  });
}

export async function createTasksClient(config: {
  GOOGLE_CLOUD_PROJECT: string;
  CLOUD_TASKS_EMULATOR_HOST?: string | undefined;
}): Promise<CloudTasksClient> {
  const { CloudTasksClient } = await import('@google-cloud/tasks');
  const projectId = config.GOOGLE_CLOUD_PROJECT;
  if (config.CLOUD_TASKS_EMULATOR_HOST === undefined) {
    return new CloudTasksClient({ ...KEEPALIVE, projectId, auth: await googleAuth() });
  }
  const { hostname, port } = new URL(`http://${config.CLOUD_TASKS_EMULATOR_HOST}`);
  const { credentials } = await import('@grpc/grpc-js');
  return new CloudTasksClient({
    projectId,
    apiEndpoint: hostname,
    port: Number(port),
    sslCreds: credentials.createInsecure(),
    // Given, or the client asks the metadata server of a machine that has none.
    universeDomain: 'googleapis.com',
  });
}
