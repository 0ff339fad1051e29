/** `npm run owner -- erase|export OWNER_ID`: removes or hands out everything of one owner. `docs/owner-data.md` has more. */
import { parseArgs } from 'node:util';
import type { Storage } from '@google-cloud/storage';
import { eraseOwner, exportOwner, type OwnerDeps } from '../functions/media/owner.ts';
import { Places } from '../functions/media/places.ts';
import { MediaStore } from '../functions/media/store.ts';
import { TaskQueue } from '../functions/media/task-queue.ts';
import {
  createFirestore,
  createStorage,
  createTasksClient,
  lazy,
} from '../functions/process/clients.ts';
import { type ApiConfig, ConfigError, loadApiConfig } from '../functions/process/config.ts';
import { createLogger } from '../functions/process/log.ts';
import { ObjectStore } from '../functions/storage/objects.ts';
import { startCloud } from '../local/cloud.ts';
import { keptByNpm } from './npm-options.ts';

const USAGE = `npm run owner -- erase OWNER_ID --yes [--local]
npm run owner -- export OWNER_ID FOLDER [--local]

  OWNER_ID  "sub" of the owner's tokens
  --yes     without it, erase only says how many media there are
  --local   the data of "npm start" on this machine, which must not run meanwhile.
            Without it: the project that the settings of the api name (docs/owner-data.md)`;

/** The settings lead to no deployment. The message says to what they lead instead. */
class PlaceError extends Error {
  override readonly name = 'PlaceError';
}

/** The export has all that could be read. */
class IncompleteError extends Error {
  override readonly name = 'IncompleteError';
}

const FOR_PEOPLE = new Set([
  'IncompleteError',
  'ConfigError',
  'PlaceError',
  'DataDirError',
  'DataFileError',
  'AppError',
]);

const { action, ownerId, folder, isLocal, isSure } = readArguments();
try {
  const close = isLocal ? await useLocalCloud() : async () => undefined;
  await run(await connect());
  await close();
  process.exit(0);
} catch (error) {
  const { name, message } = error as Error;
  console.error(FOR_PEOPLE.has(name) ? message : error);
  if (name === 'ConfigError' || name === 'PlaceError') {
    console.error('docs/owner-data.md says where the settings are.');
  }
  process.exit(1);
}

async function run(deps: OwnerDeps): Promise<void> {
  if (action === 'export') {
    const progress = (written: number) => console.log(`${written} media written`);
    const { media, withoutBytes, missing } = await exportOwner(ownerId, folder, deps, progress);
    console.log(
      `Exported ${media} media to ${folder}; ${withoutBytes} of them have no stored file.`,
    );
    if (missing.length === 0) return;
    for (const { id, file_name, why } of missing) console.error(`${id} (${file_name}): ${why}`);
    throw new IncompleteError(
      `${missing.length} files could not be exported; media.json names them. Run it again, and it tries these alone.`,
    );
  } else if (isSure) {
    const progress = (removed: number) => console.log(`${removed} media removed`);
    const removed = await eraseOwner(ownerId, deps, progress);
    console.log(`Erased ${removed} media and all records of the owner.`);
    console.log('What remains for a time, and where the account is: docs/owner-data.md');
  } else {
    const { records, nextPageToken } = await deps.media.list(ownerId, 100);
    const count = nextPageToken === undefined ? records.length : `more than ${records.length}`;
    console.log(`The owner has ${count} media. Add --yes to erase them.`);
  }
}

/** @returns a function that ends the local cloud */
async function useLocalCloud(): Promise<() => Promise<void>> {
  const { LOCAL_DATA_DIR = '.local' } = process.env;
  const cloud = await startCloud({ dataDir: LOCAL_DATA_DIR });
  Object.assign(process.env, cloud.environment);
  return cloud.close;
}

async function connect(): Promise<OwnerDeps> {
  const config = loadConfig();
  const { GOOGLE_CLOUD_PROJECT, FIRESTORE_DATABASE, STAGING_BUCKET, MEDIA_BUCKET } = config;
  console.log(
    `Project ${GOOGLE_CLOUD_PROJECT}, database ${FIRESTORE_DATABASE}, buckets ${STAGING_BUCKET} and ${MEDIA_BUCKET}`,
  );
  const logger = createLogger('owner', 'error');
  const firestore = await createFirestore(config);
  const storage = await createStorage(config);
  for (const name of [STAGING_BUCKET, MEDIA_BUCKET]) await checkBucket(storage, name);
  const queue = new TaskQueue(
    lazy(() => createTasksClient(config)),
    config,
  );
  return {
    firestore,
    media: new MediaStore(firestore),
    objects: new ObjectStore(storage, config),
    queue,
    places: new Places({ firestore, queue, logger, max: config.MAX_QUEUED_PER_OWNER }),
    logger,
    now: Date.now,
  };
}

/** After a restore the units use a database of another name. In the default one, an owner would seem to have nothing. */
function loadConfig(): ApiConfig {
  if (!process.env.STAGING_BUCKET && !process.env.MEDIA_BUCKET) {
    throw new PlaceError(
      'The settings of the api are missing (STAGING_BUCKET, MEDIA_BUCKET and others), so nothing was changed. Terraform knows them:\n  env $(terraform -chdir=terraform output -raw api_settings) npm run owner -- …',
    );
  }
  const config = loadApiConfig();
  if (isLocal || process.env.FIRESTORE_DATABASE) return config;
  throw new ConfigError(
    'The configuration is not usable:\n  FIRESTORE_DATABASE: name the database of the api, even if it is (default)',
  );
}

/** An object that is not there counts as removed, so in a wrong bucket every file of the owner would seem to be. */
async function checkBucket(storage: Storage, name: string): Promise<void> {
  try {
    await storage.bucket(name).getFiles({ autoPaginate: false, maxResults: 1 });
  } catch (cause) {
    if ((cause as { code?: unknown }).code !== 404) throw cause;
    throw new PlaceError(`There is no bucket ${name}, so nothing was changed.`, { cause });
  }
}

function readArguments() {
  try {
    const { positionals, values } = parseArgs({
      allowPositionals: true,
      options: {
        yes: { type: 'boolean', default: false },
        local: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) {
      console.log(USAGE);
      process.exit(0);
    }
    const kept = keptByNpm('owner', ['yes', 'local'], process.argv, process.env);
    if (kept !== undefined) throw new Error(kept);
    const [action, ownerId, folder = '', ...more] = positionals;
    const isErase = action === 'erase' && folder === '';
    const isExport = action === 'export' && folder !== '';
    if (!ownerId || more.length > 0 || !(isErase || isExport)) throw new Error(USAGE);
    return { action, ownerId, folder, isLocal: values.local, isSure: values.yes };
  } catch (error) {
    console.error(
      (error as Error).message === USAGE ? USAGE : `${USAGE}\n\n${(error as Error).message}`,
    );
    process.exit(2);
  }
}
