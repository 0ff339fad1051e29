/**
 * Where the contract tests meet Identity Platform: Google's Auth emulator when FIREBASE_AUTH_EMULATOR_HOST names one, else
 * the local sign-in, in memory on a free port.
 */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { DEMO_PROJECT } from '../../local/google/firebase-tools.ts';
import { createIdentity } from '../../local-cloud/identity/identity.ts';
import { type SignInOptions, startIdentity } from '../../local-cloud/identity/server.ts';
import type { Mail } from '../../local-cloud/identity/toolkit.ts';

const PAGE = 'http://localhost:8080/';

interface Answer {
  status: number;
  body: Record<string, unknown>;
  /** The code of an error; undefined for an answer without one. */
  error: string | undefined;
}

export interface TestAccounts {
  /** Calls an operation of a page, by the name behind `accounts:`. */
  call(operation: string, body: object): Promise<Answer>;
  /** Renews a token. */
  renew(refreshToken: string): Promise<Answer>;
  /** Calls an operation of an administrator; '' makes an account. */
  admin(operation: string, body: object): Promise<Answer>;
  /** The codes of the mails to an address, the oldest first. */
  codes(email: string): Promise<string[]>;
  /** Any request, for what a page would not send. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  project: string;
  /** The key that a page sends. */
  key: string;
  /** The token that an administrator sends. */
  administrator: string;
  close(): Promise<void>;
}

/** @param options Only for the local sign-in. */
export async function openAccounts(options: Partial<SignInOptions> = {}): Promise<TestAccounts> {
  const emulator = process.env.FIREBASE_AUTH_EMULATOR_HOST;
  // A page names no project: the emulator takes the one that it was started with.
  if (emulator) return openEmulator(emulator, DEMO_PROJECT);
  return openLocal(`demo-${randomUUID().slice(0, 8)}`, options);
}

async function openLocal(project: string, options: Partial<SignInOptions>): Promise<TestAccounts> {
  const mails: Mail[] = [];
  const identity = await createIdentity();
  const signIn = {
    signUp: true,
    pageUrl: PAGE,
    onMail: (mail: Mail) => void mails.push(mail),
    ...options,
  };
  const server = await startIdentity({ identity, userAudience: project, signIn });
  const administrator = await identity.sign({ sub: 'admin', audience: identity.issuer });
  const codes = async (email: string) =>
    mails
      .filter(({ to }) => to === email)
      .map(({ link }) => new URL(link).searchParams.get('oobCode') ?? '');
  return client({
    base: `http://127.0.0.1:${server.port}`,
    project,
    key: server.signIn?.api_key ?? '',
    administrator,
    codes,
    close: server.close,
  });
}

const codesSchema = z.object({
  oobCodes: z.array(z.object({ email: z.string(), oobCode: z.string() })).default([]),
});

async function openEmulator(host: string, project: string): Promise<TestAccounts> {
  const base = `http://${host}`;
  // New projects of Identity Platform do not tell who has an account; the emulator's do.
  const config = `${base}/identitytoolkit.googleapis.com/v2/projects/${project}/config`;
  const response = await fetch(`${config}?updateMask=emailPrivacyConfig`, {
    method: 'PATCH',
    headers: { Authorization: 'Bearer owner', 'Content-Type': 'application/json' },
    body: JSON.stringify({ emailPrivacyConfig: { enableImprovedEmailPrivacy: true } }),
  });
  if (!response.ok) throw new Error(await response.text());
  const codes = async (email: string) => {
    const answer = await fetch(`${base}/emulator/v1/projects/${project}/oobCodes`);
    const { oobCodes } = codesSchema.parse(await answer.json());
    return oobCodes.filter((each) => each.email === email).map(({ oobCode }) => oobCode);
  };
  return client({
    base,
    project,
    key: 'any',
    administrator: 'owner',
    codes,
    close: async () => undefined,
  });
}

interface ClientOptions {
  base: string;
  project: string;
  key: string;
  administrator: string;
  codes: TestAccounts['codes'];
  close: TestAccounts['close'];
}

function client({ base, project, key, administrator, codes, close }: ClientOptions): TestAccounts {
  const post = async (
    path: string,
    headers: Record<string, string>,
    body: string | URLSearchParams,
  ) => readAnswer(await fetch(`${base}${path}`, { method: 'POST', headers, body }));
  const identity = '/identitytoolkit.googleapis.com/v1';
  const json = { 'Content-Type': 'application/json' };
  const page = { Referer: PAGE };
  return {
    project,
    key,
    administrator,
    codes,
    close,
    call: (operation, body) =>
      post(
        `${identity}/accounts:${operation}?key=${key}`,
        { ...json, ...page },
        JSON.stringify(body),
      ),
    renew: (refreshToken) =>
      post(
        `/securetoken.googleapis.com/v1/token?key=${key}`,
        page,
        new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken }),
      ),
    admin: (operation, body) =>
      post(
        `${identity}/projects/${project}/accounts${operation && `:${operation}`}`,
        { ...json, Authorization: `Bearer ${administrator}` },
        JSON.stringify(body),
      ),
    fetch: (path, init) => fetch(`${base}${path}`, init),
  };
}

const errorSchema = z.object({ error: z.object({ message: z.string() }) });

async function readAnswer(response: Response): Promise<Answer> {
  const body = (await response.json()) as Answer['body'];
  const { data } = errorSchema.safeParse(body);
  return { status: response.status, body, error: data?.error.message.split(' : ')[0] };
}

/**
 * Whether Google's Auth emulator stands for the service here and is known to differ in one point. It is said each time.
 * @param how What the emulator does, after "it".
 * @param source Why the service is known to do otherwise.
 */
export function authEmulatorDiffers(how: string, source: string): boolean {
  if (!process.env.FIREBASE_AUTH_EMULATOR_HOST) return false;
  process.stderr.write(`Google's Auth emulator differs here: it ${how} (${source})\n`);
  return true;
}
