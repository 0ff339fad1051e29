/** The users of the local sign-in, their refresh tokens and the codes of their mails, in SQLite. */
import { createHash, randomBytes, randomInt, scrypt, timingSafeEqual } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { promisify } from 'node:util';
import { openDataFile } from '../base/data-file.ts';

/** Times are in milliseconds since the epoch. */
export interface User {
  /** The `sub` of the user's tokens: 28 letters and digits. */
  id: string;
  /** In lower case. */
  email: string;
  isEmailVerified: boolean;
  name: string | null;
  isDisabled: boolean;
  /** The user's number at Google; null for a user who has not signed in with Google. */
  googleId: string | null;
  hasPassword: boolean;
  createdAt: number;
  lastSignInAt: number | null;
  /** Sessions that began before this time have ended. */
  sessionsSince: number;
}

interface UserRow {
  id: string;
  email: string;
  is_email_verified: number;
  name: string | null;
  is_disabled: number;
  google_id: string | null;
  password: string | null;
  created_at: number;
  last_sign_in_at: number | null;
  sessions_since: number;
}

/** The fields of a user that may be changed. */
export type UserChange = Partial<
  Pick<
    User,
    'isEmailVerified' | 'name' | 'isDisabled' | 'googleId' | 'lastSignInAt' | 'sessionsSince'
  >
>;

const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA busy_timeout = 5000;
  CREATE TABLE IF NOT EXISTS users (
    id TEXT PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    is_email_verified INTEGER NOT NULL,
    name TEXT,
    is_disabled INTEGER NOT NULL,
    google_id TEXT UNIQUE,
    password TEXT,
    created_at INTEGER NOT NULL,
    last_sign_in_at INTEGER,
    sessions_since INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS sessions (
    hash TEXT PRIMARY KEY,
    user TEXT NOT NULL,
    provider TEXT NOT NULL,
    began_at INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS codes (
    hash TEXT PRIMARY KEY,
    user TEXT NOT NULL,
    expires_at INTEGER NOT NULL
  ) STRICT;
`;

/** The columns of these fields. */
const COLUMNS: Record<keyof UserChange, string> = {
  isEmailVerified: 'is_email_verified',
  name: 'name',
  isDisabled: 'is_disabled',
  googleId: 'google_id',
  lastSignInAt: 'last_sign_in_at',
  sessionsSince: 'sessions_since',
};

export class Users {
  readonly #db: DatabaseSync;
  readonly #now: () => number;

  /**
   * Several processes may have the same folder open.
   * @param dataDir keeps `users.sqlite`; by default it is in memory
   * @throws {DataFileError} if the file is damaged
   */
  constructor(dataDir?: string, now: () => number = Date.now) {
    this.#now = now;
    if (dataDir !== undefined) mkdirSync(dataDir, { recursive: true });
    const file = dataDir === undefined ? ':memory:' : join(dataDir, 'users.sqlite');
    this.#db = openDataFile(file, (db) => {
      db.exec(SCHEMA);
      return db;
    });
  }

  close(): void {
    this.#db.close();
  }

  byId(id: string): User | undefined {
    return this.#find('id = ?', id);
  }

  byEmail(email: string): User | undefined {
    return this.#find('email = ?', email.toLowerCase());
  }

  byGoogleId(googleId: string): User | undefined {
    return this.#find('google_id = ?', googleId);
  }

  /** Users in the order of their ids, after the id `after`. */
  list(limit: number, after = ''): User[] {
    const rows = this.#db
      .prepare('SELECT * FROM users WHERE id > ? ORDER BY id LIMIT ?')
      .all(after, limit);
    return (rows as unknown as UserRow[]).map(toUser);
  }

  /** @returns undefined if another user has this address */
  async create(email: string, password?: string): Promise<User | undefined> {
    const hash = password === undefined ? null : await hashPassword(password);
    const id = newUserId();
    const now = this.#now();
    const { changes } = this.#run(
      `INSERT INTO users VALUES (?, ?, 0, NULL, 0, NULL, ?, ?, NULL, ?) ON CONFLICT (email) DO NOTHING`,
      id,
      email.toLowerCase(),
      hash,
      now,
      now,
    );
    return changes === 0 ? undefined : this.byId(id);
  }

  update(id: string, change: UserChange): void {
    for (const [field, value] of Object.entries(change)) {
      const column = COLUMNS[field as keyof UserChange];
      const stored = typeof value === 'boolean' ? Number(value) : value;
      this.#run(`UPDATE users SET ${column} = ? WHERE id = ?`, stored, id);
    }
  }

  /** Sets the password, and ends all sessions of the user. */
  async setPassword(id: string, password: string): Promise<void> {
    const hash = await hashPassword(password);
    this.#run(
      'UPDATE users SET password = ?, sessions_since = ? WHERE id = ?',
      hash,
      this.#now(),
      id,
    );
  }

  /** Removes the password, and ends all sessions of the user. */
  dropPassword(id: string): void {
    const now = this.#now();
    this.#run('UPDATE users SET password = NULL, sessions_since = ? WHERE id = ?', now, id);
  }

  /** Takes equally long for an unknown user, so that the time does not reveal who has an account. */
  async isPassword(user: User | undefined, password: string): Promise<boolean> {
    const row = this.#db.prepare('SELECT password FROM users WHERE id = ?').get(user?.id ?? '');
    const stored = row?.password as string | null | undefined;
    const isRight = await isHashOf(password, stored ?? NO_PASSWORD);
    return isRight && stored != null;
  }

  /** The sessions of a removed user are kept, so that their holder learns that the user is gone. */
  remove(id: string): void {
    this.#run('DELETE FROM codes WHERE user = ?', id);
    this.#run('DELETE FROM users WHERE id = ?', id);
  }

  /** @returns a new refresh token; only its hash is stored */
  beginSession(userId: string, provider: string): string {
    const token = randomBytes(48).toString('base64url');
    this.#run(
      'INSERT INTO sessions VALUES (?, ?, ?, ?)',
      sha256(token),
      userId,
      provider,
      this.#now(),
    );
    return token;
  }

  session(refreshToken: string): { userId: string; provider: string; beganAt: number } | undefined {
    const row = this.#db.prepare('SELECT * FROM sessions WHERE hash = ?').get(sha256(refreshToken));
    if (!row) return undefined;
    const { user, provider, began_at } = row as {
      user: string;
      provider: string;
      began_at: number;
    };
    return { userId: user, provider, beganAt: began_at };
  }

  /** @returns a code that works once, until `lifetimeMs` has passed */
  createCode(userId: string, lifetimeMs: number): string {
    const code = randomBytes(32).toString('base64url');
    this.#run('INSERT INTO codes VALUES (?, ?, ?)', sha256(code), userId, this.#now() + lifetimeMs);
    return code;
  }

  code(code: string): { user: User; isExpired: boolean } | undefined {
    const row = this.#db.prepare('SELECT * FROM codes WHERE hash = ?').get(sha256(code));
    const { user: id, expires_at } = (row ?? {}) as { user?: string; expires_at?: number };
    const user = id === undefined ? undefined : this.byId(id);
    return user && { user, isExpired: this.#now() >= Number(expires_at) };
  }

  dropCode(code: string): void {
    this.#run('DELETE FROM codes WHERE hash = ?', sha256(code));
  }

  #find(where: string, value: string): User | undefined {
    const row = this.#db.prepare(`SELECT * FROM users WHERE ${where}`).get(value);
    return row && toUser(row as unknown as UserRow);
  }

  #run(sql: string, ...values: SQLInputValue[]) {
    return this.#db.prepare(sql).run(...values);
  }
}

const scryptKey = promisify<string, Buffer, number, Buffer>(scrypt);
const SALT_BYTES = 16;
const KEY_BYTES = 32;

/** `salt:key`, both in hex. The costs are those that Node uses by default: about 50 ms of one core. */
async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const key = await scryptKey(password.normalize('NFKC'), salt, KEY_BYTES);
  return `${salt.toString('hex')}:${key.toString('hex')}`;
}

/** Compared with the password if the user has none. */
const NO_PASSWORD = `${'0'.repeat(2 * SALT_BYTES)}:${'0'.repeat(2 * KEY_BYTES)}`;

async function isHashOf(password: string, stored: string): Promise<boolean> {
  const [salt = '', key = ''] = stored.split(':');
  const found = await scryptKey(password.normalize('NFKC'), Buffer.from(salt, 'hex'), KEY_BYTES);
  return timingSafeEqual(found, Buffer.from(key, 'hex'));
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** As long as those of Identity Platform. */
function newUserId(): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
  return Array.from({ length: 28 }, () => letters[randomInt(letters.length)]).join('');
}

function toUser(row: UserRow): User {
  return {
    id: row.id,
    email: row.email,
    isEmailVerified: row.is_email_verified === 1,
    name: row.name,
    isDisabled: row.is_disabled === 1,
    googleId: row.google_id,
    hasPassword: row.password !== null,
    createdAt: row.created_at,
    lastSignInAt: row.last_sign_in_at,
    sessionsSince: row.sessions_since,
  };
}
