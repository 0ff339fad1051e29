/** The request cannot be done, or only in part. The message alone says why and what to do. */
export class PlainError extends Error {
  override readonly name = 'PlainError';
}

/** The messages of these errors, too, say what to do. */
const FOR_PEOPLE = new Set([
  'PlainError',
  'ConfigError',
  'TargetError',
  'DataDirError',
  'DataFileError',
  'AppError',
  'AccountsError',
  'ProxyError',
]);

const WHERE_SETTINGS_ARE = 'docs/owner-data.md says where the settings are.';

interface Rule {
  pattern: RegExp;
  what: string;
  remedy: string;
}

/** Patterns of the messages of Google's clients, as gRPC and REST have different codes. The first that fits decides. */
const RULES: readonly Rule[] = [
  {
    pattern:
      /Could not load the default credentials|GOOGLE_APPLICATION_CREDENTIALS|UNAUTHENTICATED|invalid_grant|invalid_rapt|Anonymous caller|invalid authentication credentials/,
    what: 'Google does not know who you are.',
    remedy: 'Sign in: gcloud auth application-default login',
  },
  {
    pattern:
      /\b(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|UNAVAILABLE)\b/,
    what: 'Google cannot be reached.',
    remedy:
      'See whether this machine has a network, and whether it needs a proxy. What was done so far stays done: run the same command again, and it goes on with what is left.',
  },
  {
    pattern:
      /PERMISSION_DENIED|does not have \S+ (?:access|permission)|USER_PROJECT_DENIED|\b403\b/,
    what: 'Your account may not do this.',
    remedy:
      'docs/owner-data.md names the roles that it needs. Another account: gcloud auth application-default login',
  },
];

/**
 * @returns lines for the operator. An unknown error is returned whole, as it may be a fault of ours.
 * @example failureOf(new Error('14 UNAVAILABLE: …')) // ['Google cannot be reached. (14 UNAVAILABLE: …)', 'See whether …']
 */
export function failureOf(error: unknown): unknown[] {
  if (!(error instanceof Error)) return [error];
  const { name, message } = error;
  if (name === 'ConfigError' || name === 'TargetError') return [message, WHERE_SETTINGS_ARE];
  if (FOR_PEOPLE.has(name)) return [message];
  const code = 'code' in error ? ` ${error.code}` : '';
  const rule = RULES.find(({ pattern }) => pattern.test(`${message}${code}`));
  if (rule === undefined) return [error];
  return [`${rule.what} (${message.trim().split('\n')[0]})`, rule.remedy];
}

/** Ends the program with 1. */
export function exitWithFailure(error: unknown): never {
  for (const line of failureOf(error)) console.error(line);
  process.exit(1);
}
