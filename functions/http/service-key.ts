/** The keys of backends that act for their users: their form, and what one may do. `http/service-keys.ts` keeps them. */
import { createHash, randomBytes } from 'node:crypto';

/** The rights of a key. `read`: look. `write`: send, change and delete. `admin`: manage the service, such as webhooks. */
export const SCOPES = ['read', 'write', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

/** A key that may be used now. */
export interface ServiceKey {
  /** Names the key in logs. It is no secret. */
  id: string;
  scopes: readonly Scope[];
  /** From then on the key is refused, in milliseconds since the epoch. Null: it has no end. */
  endsAtMs: number | null;
}

export const KEY_PREFIX = 'mk_';

/** So many characters of a key are kept, so that people recognise it. The other 222 bits are known to its holder alone. */
const SHOWN_LENGTH = KEY_PREFIX.length + 6;

export interface NewServiceKey {
  /** The key itself. It is shown once and never kept. */
  text: string;
  hash: string;
  id: string;
  prefix: string;
}

/** 256 random bits: nobody can try them all, so a plain hash of them is as good as a slow one. */
export function newServiceKey(): NewServiceKey {
  const text = `${KEY_PREFIX}${randomBytes(32).toString('base64url')}`;
  const hash = hashOfKey(text);
  return { text, hash, id: `key_${hash.slice(0, 12)}`, prefix: text.slice(0, SHOWN_LENGTH) };
}

/** Whether a text has the form of a key. Others are not even looked for. */
export function isServiceKey(text: string): boolean {
  return /^mk_[\w-]{43}$/.test(text);
}

export function hashOfKey(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Begins the secret with which messages to a backend are signed, as Standard Webhooks wants it. */
export const SECRET_PREFIX = 'whsec_';

/** 256 random bits. */
export function newSigningSecret(): string {
  return `${SECRET_PREFIX}${randomBytes(32).toString('base64')}`;
}
