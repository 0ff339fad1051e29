/**
 * Google's clients, created on first use: google-gax is most of a cold start, so a request that needs no queue must not load it. The
 * clients read `FIRESTORE_EMULATOR_HOST` and `STORAGE_EMULATOR_HOST` themselves. The Cloud Tasks client has no such variable.
 */
import type { Firestore } from '@google-cloud/firestore';
import type { Storage } from '@google-cloud/storage';
import type { CloudTasksClient } from '@google-cloud/tasks';
import type { ChannelOptions } from '@grpc/grpc-js';
import type { CredentialBody } from 'google-auth-library';
import { deadlineTransformer, limitAnswers } from './answer-limit.ts';
import { lazy } from './lazy.ts';

/**
 * Shared by all clients of the process. Otherwise each client asks the metadata server for its own token, and asks twice for the
 * account's name to sign one URL.
 */
export const googleAuth = lazy(async () => {
  const { GoogleAuth } = await import('google-auth-library');
  const auth = new GoogleAuth({ scopes: 'https://www.googleapis.com/auth/cloud-platform' });
  const ask = auth.getCredentials.bind(auth) as () => Promise<CredentialBody>;
  auth.getCredentials = lazy(ask);
  return auth;
});

/**
 * A connection can die silently while an instance has no CPU, and the next call would wait for minutes. With these
 * options the client pings first, and replaces a dead connection before a stream fails (`FIRST_STATE_MS`). Google
 * accepts a ping every 30 s: https://github.com/googleapis/java-bigtable-hbase/pull/2683
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
    /** Without it there is no limit. */
    FIRESTORE_ANSWER_S?: number;
  },
  // Google's emulator treats pings as an attack, and connections to it do not die.
  keepalive = config.FIRESTORE_EMULATOR_HOST === undefined ? KEEPALIVE : {},
): Promise<Firestore> {
  const { Firestore: Client } = await import('@google-cloud/firestore');
  const firestore = new Client({
    ...keepalive,
    'grpc.callInvocationTransformer': deadlineTransformer(await import('@grpc/grpc-js')),
    auth: await googleAuth(),
    projectId: config.GOOGLE_CLOUD_PROJECT,
    databaseId: config.FIRESTORE_DATABASE,
  });
  const { FIRESTORE_ANSWER_S: answerS } = config;
  if (answerS !== undefined) limitAnswers(firestore, 'Firestore', answerS * 1_000);
  return firestore;
}

export async function createStorage(config: { GOOGLE_CLOUD_PROJECT: string }): Promise<Storage> {
  const { IdempotencyStrategy, Storage: Client } = await import('@google-cloud/storage');
  return new Client({
    authClient: await googleAuth(),
    projectId: config.GOOGLE_CLOUD_PROJECT,
    // All our calls may be repeated: names are unique, and no object is overwritten. By default the client does not repeat deletions,
    // and objects would stay in the bucket.
    retryOptions: { idempotencyStrategy: IdempotencyStrategy.RetryAlways },
  });
}

export async function createTasksClient(config: {
  GOOGLE_CLOUD_PROJECT: string;
  CLOUD_TASKS_EMULATOR_HOST?: string | undefined;
  /** Without it there is no limit. */
  FIRESTORE_ANSWER_S?: number;
}): Promise<CloudTasksClient> {
  const { CloudTasksClient: Client } = await import('@google-cloud/tasks');
  const grpc = await import('@grpc/grpc-js');
  const { FIRESTORE_ANSWER_S: answerS, CLOUD_TASKS_EMULATOR_HOST: host } = config;
  const client = new Client({
    projectId: config.GOOGLE_CLOUD_PROJECT,
    'grpc.callInvocationTransformer': deadlineTransformer(grpc),
    ...(host === undefined
      ? { ...KEEPALIVE, auth: await googleAuth() }
      : {
          ...addressOf(host),
          sslCreds: grpc.credentials.createInsecure(),
          // Without it, the client asks a metadata server, and a developer's machine has none.
          universeDomain: 'googleapis.com',
        }),
  });
  if (answerS !== undefined) limitAnswers(client, 'Cloud Tasks', answerS * 1_000);
  return client;
}

function addressOf(host: string) {
  const { hostname, port } = new URL(`http://${host}`);
  return { apiEndpoint: hostname, port: Number(port) };
}
