/**
 * A Cloud Storage for contract tests, seen through Google's client: the local one, or whichever
 * `STORAGE_EMULATOR_HOST` names.
 */
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import {
  type Bucket,
  type CreateBucketRequest,
  Storage,
  type StorageOptions,
} from '@google-cloud/storage';
import { startStorage } from '../../local/storage/server.ts';

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
export function clientFor(endpoint: string, options: StorageOptions = {}): Storage {
  return withEndpoint(endpoint, options);
}

/** A client of the real service, for what needs no call to it: signing. */
export const googleStorage = (): Storage => withEndpoint(undefined, {});

function withEndpoint(endpoint: string | undefined, options: StorageOptions): Storage {
  const before = process.env.STORAGE_EMULATOR_HOST;
  setEndpoint(endpoint);
  try {
    return new Storage({
      projectId: 'test',
      credentials: SIGNER,
      // A refusal is what many tests are about: repeated, it would only be late.
      retryOptions: { autoRetry: false },
      ...options,
    });
  } finally {
    setEndpoint(before);
  }
}

function setEndpoint(endpoint: string | undefined): void {
  if (endpoint === undefined) delete process.env.STORAGE_EMULATOR_HOST;
  else process.env.STORAGE_EMULATOR_HOST = endpoint;
}

/** What a refused call was refused with. */
export function refusal(code: number, reason: string) {
  return { code, errors: [{ reason, domain: 'global' }] };
}
