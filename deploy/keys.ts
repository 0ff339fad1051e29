/** `npm run keys -- add|list|revoke`: the service keys of backends. `docs/keys.md` has more. */
import { SCOPES, type Scope } from '../functions/http/service-key.ts';
import { type ServiceKeyRecord, ServiceKeys } from '../functions/http/service-keys.ts';
import { exitWithFailure } from './command-failure.ts';
import { readCommand } from './npm-options.ts';
import { openMedia } from './open-media.ts';

const USAGE = `npm run keys -- add NAME [--scope read,write] [--days N] [--local]
npm run keys -- list [--local]
npm run keys -- revoke KEY_ID [--local]

  add       makes a key for a backend, and prints it once. NAME says what it is for
  --scope   what it may do: read, write, admin (webhooks). Without it: read,write
  --days    it ends after so many days. Without it: never
  revoke    within a minute, nothing takes the key any more. KEY_ID is as "list" has it
  --local   the data of "npm start" on this machine, which must not run meanwhile.
            Without it: the project that the settings of the api name (docs/owner-data.md)`;

const DAY_MS = 24 * 3_600 * 1_000;

const { action, subject, scopes, days, isLocal } = readArguments();
try {
  const { kit, close } = await openMedia('keys', isLocal);
  await run(new ServiceKeys(async () => kit.firestore));
  await close();
  process.exit(0);
} catch (error) {
  exitWithFailure(error);
}

async function run(keys: ServiceKeys): Promise<void> {
  switch (action) {
    case 'add': {
      const endsAtMs = days === undefined ? null : Date.now() + days * DAY_MS;
      const { key, record } = await keys.add(subject, scopes, endsAtMs);
      console.log(lineOf(record));
      console.log(
        'This is the key. It is shown only now; keep it where your backend keeps its secrets:',
      );
      console.log(key);
      console.log(
        'This checks what is sent to the callback_url of a request with the key (docs/webhooks.md):',
      );
      console.log(record.callback_secret);
      return;
    }
    case 'list': {
      const records = await keys.list();
      for (const record of records) console.log(lineOf(record));
      console.log(`${records.length} keys`);
      return;
    }
    default:
      await keys.revoke(subject);
      console.log(`${subject} is revoked. Within a minute nothing takes it any more.`);
  }
}

/** The name may contain control sequences of a terminal, so it is written as JSON. */
function lineOf({ id, name, prefix, scopes, created_at, ends_at, revoked_at }: ServiceKeyRecord) {
  const day = (time: { toDate(): Date }) => time.toDate().toISOString().slice(0, 10);
  const hasEnded = ends_at !== null && ends_at.toMillis() <= Date.now();
  return [
    ...[id, `${prefix}…`, JSON.stringify(name), scopes.join(','), `made ${day(created_at)}`],
    ...(ends_at ? [`${hasEnded ? 'ended' : 'ends'} ${day(ends_at)}`] : []),
    ...(revoked_at ? [`revoked ${day(revoked_at)}`] : []),
  ].join('  ');
}

function readArguments() {
  const options = {
    scope: { type: 'string', default: 'read,write' },
    days: { type: 'string' },
    local: { type: 'boolean', default: false },
  } as const;
  return readCommand('keys', USAGE, options, (values, positionals) => {
    const [name, subject = '', ...more] = positionals;
    const action = (['add', 'list', 'revoke'] as const).find((each) => each === name);
    const isComplete = action === 'list' ? subject === '' : subject.trim() !== '';
    if (!action || !isComplete || more.length > 0) throw new Error(USAGE);
    if (subject.length > 100) throw new Error('NAME: at most 100 characters.');
    return {
      action,
      subject,
      isLocal: values.local,
      scopes: readScopes(values.scope),
      days: readDays(values.days),
    };
  });
}

function readScopes(text: string): Scope[] {
  const names = text.split(',').map((each) => each.trim());
  const unknown = names.find((each) => !SCOPES.some((scope) => scope === each));
  if (unknown !== undefined) {
    throw new Error(`--scope: "${unknown}" is none of ${SCOPES.join(', ')}.`);
  }
  return SCOPES.filter((scope) => names.includes(scope));
}

function readDays(text: string | undefined): number | undefined {
  if (text === undefined || /^[1-9]\d{0,3}$/.test(text))
    return text === undefined ? undefined : Number(text);
  throw new Error('--days: a whole number, 1 to 9999.');
}
