/** Sends photos through the whole product and asks each unit afterwards what it keeps of them. */
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import type { UnitName } from '../../local/base/units.ts';
import { Instance } from '../../local/front/instance.ts';
import { client, eventually, startStack, tokenOf } from '../support/stack.ts';
import { connect } from '../support/tasks.ts';
import { READER, startCompany } from './company.ts';
import type { Kept, Kinds } from './kept.ts';

export interface LeaksOptions {
  photos: number;
  /** Photos that are accepted besides, and go no further: what api keeps shows at many, and the others' work takes long. */
  uploads?: number;
  /** Sent before the first measurement: caches and pools fill, code is compiled. */
  warmUp: number;
  /** Photos a second; absent: as fast as it goes. */
  perSecond?: number;
  /** Also a webhook that is told of each photo, and for one batch in ten a library that is watched and searched. */
  busy?: boolean;
  kinds?: Kinds;
  onProgress?: (sent: number) => void;
}

export interface UnitReport {
  before: Kept;
  after: Kept;
  /** Between the two measurements. */
  photos: number;
  /** Bytes for each of them. */
  bytesPerPhoto: number;
}

const PRELOAD = new URL('./kept.ts', import.meta.url);
/** To count objects is experimental in Node, and each unit would say so. */
const QUIET = '--disable-warning=ExperimentalWarning';
const UNITS = ['api', 'worker', 'stream'] as const;
/** Photos of one request; each request is of another owner. */
const BATCH = 6;
/** The same where they are only accepted. */
const LARGE_BATCH = 20;
/** Requests side by side, where nothing is said of a rate. */
const SIDE_BY_SIDE = 3;
/** Of so many photos, one batch is the reader's. */
const READER_EVERY = 10 * BATCH;

/** @throws if a photo is not analysed, or if a unit was replaced: then nothing was measured */
export async function measureLeaks({
  photos,
  warmUp,
  perSecond,
  busy = false,
  uploads = 0,
  kinds = 'all',
  onProgress = () => undefined,
}: LeaksOptions): Promise<Record<UnitName, UnitReport>> {
  const instances = new Map<UnitName, Instance>();
  const told = new Map<UnitName, Kept>();
  const stack = await startStack({
    service: (unit, options) => ({
      ...options,
      // An instance that is idle for a minute would be ended, and what it keeps with it.
      settings: { ...options.settings, minInstances: 1, maxInstances: 1 },
      launch: () => {
        if (instances.has(unit)) throw new Error(`${unit} was started again`);
        const onMessage = (message: unknown) => told.set(unit, (message as { kept: Kept }).kept);
        const { environment } = options.program;
        const instance = new Instance({
          ...options.program,
          environment: { ...environment, NODE_OPTIONS: QUIET },
          preload: [PRELOAD],
          onMessage,
        });
        instances.set(unit, instance);
        return instance;
      },
    }),
  });
  const measure = async (): Promise<Record<UnitName, Kept>> => {
    await idle(instances, busy ? 1 : 0);
    told.clear();
    for (const unit of UNITS) instances.get(unit)?.send({ measure: kinds });
    const kept = await Promise.all(UNITS.map((unit) => eventually(async () => told.get(unit))));
    return Object.fromEntries(UNITS.map((unit, i) => [unit, kept[i]])) as Record<UnitName, Kept>;
  };
  let sent = 0;
  const upload = async (count: number) => {
    const first = sent;
    sent += count;
    const owner = busy && first % READER_EVERY === 0 ? READER : `owner ${first}`;
    const user = client(stack, await tokenOf(stack, owner));
    const files = await Promise.all(Array.from({ length: count }, (_, i) => tinyPhoto(first + i)));
    return { user, ...(await user.analyze(files)) };
  };
  const sendBatch = async () => {
    const { user, media_ids } = await upload(BATCH);
    // A stream is refused with 503 where its first state takes ten seconds, as on a busy machine.
    const results = await eventually(() => user.results(media_ids).catch(() => undefined));
    for (const media of results) {
      if (media?.status !== 'completed') throw new Error(`a photo ended ${media?.error_code}`);
    }
    onProgress(sent);
  };
  const send = async (count: number) => {
    const until = sent + count;
    const running = new Set<Promise<void>>();
    const begun = performance.now();
    const from = sent;
    while (sent < until) {
      const batch = sendBatch();
      running.add(batch);
      batch.then(
        () => running.delete(batch),
        () => undefined,
      );
      const dueMs = perSecond ? ((sent - from) / perSecond) * 1_000 : 0;
      await sleep(Math.max(0, begun + dueMs - performance.now()));
      if (!perSecond && running.size >= SIDE_BY_SIDE) await Promise.race(running);
    }
    await Promise.all(running);
    await company?.told(sent);
  };
  const company = busy ? await startCompany(stack) : undefined;
  try {
    await send(warmUp);
    const before = await measure();
    await send(photos);
    if (uploads > 0) await pauseUploads(stack.environment);
    for (const until = sent + uploads; sent < until; onProgress(sent)) {
      await upload(Math.min(LARGE_BATCH, until - sent));
    }
    const after = await measure();
    const reports = UNITS.map((unit) => {
      const handled = unit === 'api' ? photos + uploads : photos;
      const bytesPerPhoto = (after[unit].bytes - before[unit].bytes) / handled;
      return [unit, { before: before[unit], after: after[unit], photos: handled, bytesPerPhoto }];
    });
    return Object.fromEntries(reports) as Record<UnitName, UnitReport>;
  } finally {
    try {
      await company?.close();
    } finally {
      await stack.close();
    }
  }
}

/** What is accepted from now on stays in the queue. */
async function pauseUploads(environment: Record<string, string>): Promise<void> {
  const { GOOGLE_CLOUD_PROJECT, TASKS_LOCATION, UPLOAD_QUEUE } = environment;
  const tasks = connect(Number(environment.CLOUD_TASKS_EMULATOR_HOST?.split(':')[1]));
  const name = tasks.queuePath(
    GOOGLE_CLOUD_PROJECT ?? '',
    TASKS_LOCATION ?? '',
    UPLOAD_QUEUE ?? '',
  );
  await tasks.pauseQueue({ name });
  await tasks.close();
}

/**
 * The last events have reached their readers before the requests that carried them are over.
 *
 * @param openStreams Those that stay open.
 */
async function idle(instances: Map<UnitName, Instance>, openStreams: number): Promise<void> {
  const isIdle = ([unit, { requests }]: [UnitName, Instance]) =>
    requests <= (unit === 'stream' ? openStreams : 0);
  await eventually(async () => [...instances].every(isIdle) || undefined);
}

/** Each another content, or the analysis of one would be taken for the others. */
async function tinyPhoto(index: number): Promise<File> {
  const raw = { width: 16, height: 16, channels: 3 as const };
  const pixels = Buffer.alloc(16 * 16 * 3, index % 251);
  pixels.writeUInt32BE(index);
  const bytes = await sharp(pixels, { raw }).png().toBuffer();
  return new File([bytes as Uint8Array<ArrayBuffer>], `${index}.png`, { type: 'image/png' });
}
