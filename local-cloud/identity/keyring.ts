/** The private keys of the local issuer and of the service accounts, and their file. */
import { createPrivateKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { DataFileError, replaceFile } from '../base/data-file.ts';

export interface Keyring {
  readonly signingKey: KeyObject;
  /** Created and stored if the account has none. */
  ensure(email: string): Promise<KeyObject>;
  find(email: string): KeyObject | undefined;
}

const fileSchema = z.object({
  signing_key: z.string(),
  service_accounts: z.record(z.string(), z.string()),
});

/** @throws {DataFileError} if `dataDir/identity.json` exists but has another content than this module writes */
export async function createKeyring(dataDir?: string): Promise<Keyring> {
  const file = dataDir === undefined ? undefined : join(dataDir, 'identity.json');
  const stored = file === undefined ? undefined : await read(file);
  const { signingKey, accounts } = stored ?? {
    signingKey: await generateKey(),
    accounts: new Map<string, KeyObject>(),
  };
  if (file !== undefined && !stored) await write(file, signingKey, accounts);

  // Changes run one after the other. Otherwise two writers could lose each other's key, or two callers
  // could get different keys for one new account.
  let lastChange: Promise<unknown> = Promise.resolve();
  const ensure = async (email: string): Promise<KeyObject> => {
    const existing = accounts.get(email);
    if (existing) return existing;
    const key = await generateKey();
    if (file !== undefined) await write(file, signingKey, new Map(accounts).set(email, key));
    accounts.set(email, key);
    return key;
  };
  return {
    signingKey,
    find: (email) => accounts.get(email),
    ensure: (email) => {
      const change = lastChange.then(() => ensure(email));
      lastChange = change.catch(() => undefined);
      return change;
    },
  };
}

async function generateKey(): Promise<KeyObject> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  return privateKey;
}

interface Keys {
  signingKey: KeyObject;
  accounts: Map<string, KeyObject>;
}

async function read(file: string): Promise<Keys | undefined> {
  if (!existsSync(file)) return undefined;
  try {
    const stored = fileSchema.parse(JSON.parse(await readFile(file, 'utf8')));
    const accounts = new Map<string, KeyObject>();
    for (const [email, pem] of Object.entries(stored.service_accounts)) {
      accounts.set(email, createPrivateKey(pem));
    }
    return { signingKey: createPrivateKey(stored.signing_key), accounts };
  } catch (error) {
    throw new DataFileError(file, why(error), 'move it away, and the next start makes new keys.');
  }
}

/** The message of a parser would quote the file, which contains private keys. */
function why(error: unknown): Error {
  const [issue] = error instanceof z.ZodError ? error.issues : [];
  if (issue) return new Error(`${issue.path.join('.')}: ${issue.message}`, { cause: error });
  const what = error instanceof SyntaxError ? 'it is not JSON' : 'a key cannot be read';
  return new Error(what, { cause: error });
}

async function write(
  file: string,
  signingKey: KeyObject,
  accounts: Map<string, KeyObject>,
): Promise<void> {
  const content: z.infer<typeof fileSchema> = {
    signing_key: toPem(signingKey),
    service_accounts: Object.fromEntries([...accounts].map(([email, key]) => [email, toPem(key)])),
  };
  await mkdir(join(file, '..'), { recursive: true });
  await replaceFile(file, JSON.stringify(content, undefined, 2), 0o600);
}

function toPem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}
