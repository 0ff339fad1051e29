/** Runs all of media-analysis in this process and its children, like `npm start`, on a free port. */
import { fileURLToPath } from 'node:url';
import { Firestore } from '@google-cloud/firestore';
import { chooseModel } from '../local/model.ts';
import { prepareAnalyses } from '../local/prepare-analyses.ts';
import { startStack } from '../local/stack.ts';

/** The same folder as for `npm start`, whatever the current folder is. */
const DATA_DIR = fileURLToPath(new URL('../.local', import.meta.url));

export interface Embedded {
  url: string;
  readRecord(id: string): Promise<Record<string, unknown> | undefined>;
  close(): Promise<void>;
}

/** @throws {DataDirError} if `npm start` or another command runs. Errors of the settings as for `npm start` */
export async function startEmbedded(env = process.env): Promise<Embedded> {
  // The local services need no account; without this, a client looks for one and warns that there is none.
  env.METADATA_SERVER_DETECTION ??= 'none';
  const { LOCAL_DATA_DIR: dataDir = DATA_DIR, LOG_LEVEL = 'error' } = env;
  const model = chooseModel(env);
  await prepareAnalyses();
  const stack = await startStack({
    dataDir,
    environment: { LOG_LEVEL, ...model },
    // Programs read the stdout of this command.
    service: (_unit, { program, ...service }) => ({
      ...service,
      program: { ...program, logsTo: 'stderr' },
    }),
  });
  const { FIRESTORE_EMULATOR_HOST: host = '', GOOGLE_CLOUD_PROJECT: projectId = '' } =
    stack.environment;
  return {
    url: stack.url,
    async readRecord(id) {
      const firestore = new Firestore({ projectId, host, ssl: false });
      try {
        return (await firestore.doc(`media/${id}`).get()).data();
      } finally {
        await firestore.terminate();
      }
    },
    close: stack.close,
  };
}
