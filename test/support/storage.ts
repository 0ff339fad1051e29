/**
 * A Cloud Storage for contract tests, seen through Google's client: the local one, or whichever
 * `STORAGE_EMULATOR_HOST` names.
 */
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { type Bucket, type CreateBucketRequest, Storage } from '@google-cloud/storage';
import { GoogleAuth, JWT } from 'google-auth-library';
import { startStorage } from '../../local-cloud/storage/server.ts';

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

/** The one service account whose signed URLs the local storage of a test knows. */
export const SIGNER = {
  client_email: 'signer@local.iam.gserviceaccount.com',
  private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
};

export interface TestStorage {
  client: Storage;
  /** `http://host:port`. */
  endpoint: string;
  /** A new bucket with a name of its own. */
  createBucket(metadata?: CreateBucketRequest): Promise<Bucket>;
  close(): Promise<void>;
}

/** Starts the local storage, unless another one is named. */
export async function openTestStorage(now?: () => number): Promise<TestStorage> {
  const external = process.env.STORAGE_EMULATOR_HOST;
  if (external) return connect(external, async () => undefined);
  const service = await startStorage({
    publicKey: (email) => (email === SIGNER.client_email ? publicKey : undefined),
    ...(now && { now }),
  });
  return connect(`http://${service.host}:${service.port}`, () => service.close());
}

function connect(endpoint: string, close: () => Promise<void>): TestStorage {
  const client = clientFor(endpoint);
  return {
    client,
    endpoint: new URL(endpoint).origin,
    createBucket: async (metadata = {}) => {
      const [bucket] = await client.createBucket(`test-${randomUUID()}`, metadata);
      return bucket;
    },
    close,
  };
}

/** A client that finds `endpoint` the way users' code does: through the environment. */
export function clientFor(endpoint: string, signer = SIGNER): Storage {
  return withEndpoint(endpoint, signer);
}

/** A client of the real service, for what needs no call to it: signing. */
export const googleStorage = (): Storage => withEndpoint(undefined, SIGNER);

function withEndpoint(endpoint: string | undefined, signer: typeof SIGNER): Storage {
  const before = process.env.STORAGE_EMULATOR_HOST;
  setEndpoint(endpoint);
  try {
    const client = new Storage({
      projectId: 'test',
      authClient: authOf(signer),
      // A refusal is what many tests are about: repeated, it would only be late.
      retryOptions: { autoRetry: false },
    });
    return allowListeners(client);
  } finally {
    setEndpoint(before);
  }
}

/** The client's option `credentials` is deprecated, and without it `GoogleAuth` does not know whose key it signs with. */
function authOf(signer: typeof SIGNER): GoogleAuth {
  const authClient = new JWT({ email: signer.client_email, key: signer.private_key });
  const auth = new GoogleAuth({ authClient, projectId: 'test' });
  return Object.assign(auth, { getCredentials: async () => signer });
}

/** For a download the client puts 12 listeners on the response; of more than 10 Node warns, as of a leak. */
function allowListeners(client: Storage): Storage {
  const requestStream = client.requestStream.bind(client);
  client.requestStream = (options) =>
    requestStream(options).on('response', (response) => setMaxListeners(12, response));
  return client;
}

function setEndpoint(endpoint: string | undefined): void {
  if (endpoint === undefined) delete process.env.STORAGE_EMULATOR_HOST;
  else process.env.STORAGE_EMULATOR_HOST = endpoint;
}

/** What a refused call was refused with. */
export function refusal(code: number, reason: string) {
  return { code, errors: [{ reason, domain: 'global' }] };
}
