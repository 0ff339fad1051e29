/** Opens the media of a deployment, or those of `npm start` on this machine, for a command of the operator. */
import type { Storage } from '@google-cloud/storage';
import { composeApi } from '../functions/api/compose.ts';
import { type ApiConfig, loadApiConfig } from '../functions/api/config.ts';
import { AcceptanceStore } from '../functions/core/accept/acceptances.ts';
import { DailyUploads } from '../functions/core/accept/daily-uploads.ts';
import { Places } from '../functions/core/media/places.ts';
import { TaskQueue } from '../functions/core/media/task-queue.ts';
import { ConcurrencyLimit } from '../functions/http/concurrency-limit.ts';
import { createFirestore, createStorage, createTasksClient } from '../functions/process/clients.ts';
import { lazy } from '../functions/process/lazy.ts';
import { createLogger } from '../functions/process/log.ts';
import { ConfigError } from '../functions/process/settings.ts';
import { ObjectStore } from '../functions/storage/objects.ts';
import { startCloud } from '../local/cloud.ts';

/** The message says where the settings lead instead of to a deployment. */
class TargetError extends Error {
  override readonly name = 'TargetError';
}

/** The access to media that each command gets. */
export type MediaKit = ReturnType<typeof composeApi>['kit'];

interface MediaPlace {
  kit: MediaKit;
  config: ApiConfig;
  close: () => Promise<void>;
}

/**
 * Prints the project, database and buckets that it has opened to stdout.
 * @param command as in `npm run COMMAND`
 * @throws {ConfigError|TargetError} if the settings lead nowhere
 */
export async function openMedia(command: string, isLocal: boolean): Promise<MediaPlace> {
  const close = isLocal ? await useLocalCloud() : async () => undefined;
  const config = loadConfig(command, isLocal);
  return { kit: await connect(command, config), config, close };
}

/** @returns a function that ends the local cloud */
async function useLocalCloud(): Promise<() => Promise<void>> {
  const { LOCAL_DATA_DIR = '.local' } = process.env;
  const cloud = await startCloud({ dataDir: LOCAL_DATA_DIR });
  Object.assign(process.env, cloud.environment);
  return cloud.close;
}

async function connect(command: string, config: ApiConfig): Promise<MediaKit> {
  const { GOOGLE_CLOUD_PROJECT, FIRESTORE_DATABASE, STAGING_BUCKET, MEDIA_BUCKET } = config;
  console.log(
    `Project ${GOOGLE_CLOUD_PROJECT}, database ${FIRESTORE_DATABASE}, buckets ${STAGING_BUCKET} and ${MEDIA_BUCKET}`,
  );
  const logger = createLogger(command, 'error');
  const firestore = await createFirestore(config);
  const storage = await createStorage(config);
  for (const name of [STAGING_BUCKET, MEDIA_BUCKET]) await checkBucket(storage, name);
  const queue = new TaskQueue(
    lazy(() => createTasksClient(config)),
    config,
  );
  return composeApi({
    config,
    firestore,
    objects: new ObjectStore(storage, config),
    acceptances: new AcceptanceStore(firestore),
    queue,
    places: new Places({ firestore, queue, logger, max: config.MAX_QUEUED_PER_OWNER }),
    dailyUploads: new DailyUploads(firestore, {
      bytes: config.MAX_BYTES_PER_DAY,
      files: config.MAX_FILES_PER_DAY,
    }),
    uploads: new ConcurrencyLimit({ each: 1 }, 'uploads'),
    logger,
    signedUrlTtlMs: 1_000,
    now: Date.now,
    atEnd: () => undefined,
  }).kit;
}

/** After a restore the units use a database of another name. In the default one, an owner would seem to have nothing. */
function loadConfig(command: string, isLocal: boolean): ApiConfig {
  if (!process.env.STAGING_BUCKET && !process.env.MEDIA_BUCKET) {
    throw new TargetError(
      `The settings of the api are missing (STAGING_BUCKET, MEDIA_BUCKET and others), so nothing was changed. Terraform knows them:\n  env $(terraform -chdir=terraform output -raw api_settings) npm run ${command} -- …\nFor the data of "npm start" on this machine, add --local.`,
    );
  }
  const config = loadApiConfig();
  if (isLocal || process.env.FIRESTORE_DATABASE) return config;
  throw new ConfigError(
    'The configuration is not usable:\n  FIRESTORE_DATABASE: name the database of the api, even if it is (default)',
  );
}

/** A missing object counts as removed, so in a wrong bucket every file of the owner would seem to be. */
async function checkBucket(storage: Storage, name: string): Promise<void> {
  try {
    await storage.bucket(name).getFiles({ autoPaginate: false, maxResults: 1 });
  } catch (cause) {
    if ((cause as { code?: unknown }).code !== 404) throw cause;
    throw new TargetError(`There is no bucket ${name}, so nothing was changed.`, { cause });
  }
}
