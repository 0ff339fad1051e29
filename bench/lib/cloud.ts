/** The local cloud of a bench, and the units under test that use it. */
import type { Firestore } from '@google-cloud/firestore';
import {
  MEDIA_COLLECTION,
  type MediaRecord,
  newMediaRecord,
} from '../../functions/core/media/record.ts';
import { createFirestore } from '../../functions/process/clients.ts';
import type { UnitName } from '../../local/base/units.ts';
import { type Child, type Core, spawnNode, startChild } from './child.ts';
import { type Artefact, serverEntry, unitCommand } from './units.ts';

export interface BenchCloud {
  pid: number;
  environment: Record<string, string>;
  firestorePort: number;
  firestore: Firestore;
  token(sub: string): Promise<string>;
  startUnit(name: UnitName, options?: UnitOptions): Promise<Child>;
  stop(): Promise<void>;
}

interface UnitOptions {
  artefact?: Artefact;
  environment?: Record<string, string>;
  core?: Core;
}

interface Ready {
  environment: Record<string, string>;
  identityPort: number;
}

export async function startBenchCloud(): Promise<BenchCloud> {
  const cloud = spawnNode({ command: [serverEntry('cloud')], core: 'load' });
  const { environment, identityPort } = await cloud.message<Ready>('environment');
  const firestoreHost = environment.FIRESTORE_EMULATOR_HOST ?? '';
  const firestore = await connectFirestore(environment);
  return {
    pid: cloud.pid,
    environment,
    firestorePort: Number(firestoreHost.split(':')[1]),
    firestore,
    token: (sub) => fetchToken(identityPort, sub),
    startUnit: async (name, { artefact = 'sources', environment: own, core = 'server' } = {}) => {
      const unit = await startChild({
        command: unitCommand(name, artefact),
        environment: { LOG_LEVEL: 'silent', ...environment, ...own },
        core,
      });
      if (name === 'worker') cloud.tell({ workerPort: unit.port });
      return unit;
    },
    stop: async () => {
      await firestore.terminate();
      await cloud.stop();
    },
  };
}

export async function connectFirestore(environment: Record<string, string>): Promise<Firestore> {
  // The client library accepts the host only from this variable. Reset it: the next cloud must not use
  // this one's host.
  const { FIRESTORE_EMULATOR_HOST = '' } = environment;
  process.env.FIRESTORE_EMULATOR_HOST = FIRESTORE_EMULATOR_HOST;
  try {
    return await createFirestore({
      FIRESTORE_EMULATOR_HOST,
      GOOGLE_CLOUD_PROJECT: environment.GOOGLE_CLOUD_PROJECT ?? '',
      FIRESTORE_DATABASE: '(default)',
    });
  } finally {
    delete process.env.FIRESTORE_EMULATOR_HOST;
  }
}

async function fetchToken(port: number, sub: string): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/local/token`, {
    method: 'POST',
    body: JSON.stringify({ sub }),
  });
  return ((await response.json()) as { token: string }).token;
}

/** A media in the middle of its analysis, between two writes of the worker. */
export function analyzingMedia(id: string, owner_id: string): MediaRecord {
  const media = {
    id,
    file_name: `${id}.jpg`,
    content_type: 'image/jpeg',
    size: 2_411_724,
    owner_id,
    analyze: true,
    language: 'en',
    staging_object: id,
    queue_state: 'queued' as const,
  };
  const record = newMediaRecord(media, Date.now());
  return { ...record, status: 'analyzing', progress: 0.5, url: `/api/media/${id}/content` };
}

/** Creates all records, 400 in each commit. */
export async function createMedia(firestore: Firestore, records: MediaRecord[]): Promise<void> {
  const PER_COMMIT = 400;
  for (let start = 0; start < records.length; start += PER_COMMIT) {
    const batch = firestore.batch();
    for (const record of records.slice(start, start + PER_COMMIT)) {
      batch.set(firestore.collection(MEDIA_COLLECTION).doc(record.id), record);
    }
    await batch.commit();
  }
}
