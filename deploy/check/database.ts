/**
 * Checks Firestore: each query of the code has its index, each index has a query, records expire where they should, and Terraform
 * creates the indexes of firestore.indexes.json.
 */
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Firestore, Timestamp } from '@google-cloud/firestore';
import type { MediaFilters } from '@media-analysis/shared/search';
import { COLLECTIONS } from '../../functions/core/media/collections.ts';
import { Places } from '../../functions/core/media/places.ts';
import { MEDIA_COLLECTION } from '../../functions/core/media/record.ts';
import { readWithCopies } from '../../functions/core/media/same-content.ts';
import { MediaStore } from '../../functions/core/media/store.ts';
import { createListener } from '../../functions/core/stream/listen.ts';
import { sweep } from '../../functions/core/work/sweep.ts';
import { Bin } from '../../functions/features/bin/bin.ts';
import { importStep } from '../../functions/features/imports/step.ts';
import { ImportStore } from '../../functions/features/imports/store.ts';
import { AnnouncementLimit } from '../../functions/features/large-uploads/announcement-limit.ts';
import { readLocations } from '../../functions/features/library/locations.ts';
import { readMediaPage } from '../../functions/features/library/media-query.ts';
import { createLibrarySource } from '../../functions/features/library/source.ts';
import { ModerationStore } from '../../functions/features/moderation/store.ts';
import { ownersOf } from '../../functions/features/owner-data/owners.ts';
import { reanalysisStep } from '../../functions/features/reanalyses/step.ts';
import { type NewReanalysis, ReanalysisStore } from '../../functions/features/reanalyses/store.ts';
import { EarlierResults } from '../../functions/features/results/earlier-results.ts';
import { MediaSearch } from '../../functions/features/search/search.ts';
import { UsageStore } from '../../functions/features/spend/usage.ts';
import { deliverWebhook } from '../../functions/features/webhooks/deliver.ts';
import { WebhookDeliveries } from '../../functions/features/webhooks/deliveries.ts';
import { DELIVERIES_COLLECTION } from '../../functions/features/webhooks/delivery-record.ts';
import { WebhookOutbox } from '../../functions/features/webhooks/outbox.ts';
import { Webhooks } from '../../functions/features/webhooks/webhooks.ts';
import { ServiceKeys } from '../../functions/http/service-keys.ts';
import { FAILED_PRECONDITION, hasCode } from '../../functions/process/grpc-status.ts';
import { composeWorker } from '../../functions/worker/compose.ts';
import { type IndexDefinitions, indexesSchema } from '../../local-cloud/firestore/query/indexes.ts';
import { startFirestore } from '../../local-cloud/firestore/server.ts';
import type { Terraform } from './terraform.ts';

const FILE = 'firestore.indexes.json';

/** Of another owner each time: an owner may have only one running reanalysis, and few quotes. */
function reanalysisOf(filter: NewReanalysis['filter']): NewReanalysis {
  return {
    owner_id: randomUUID(),
    analysis: 'describe',
    input: {},
    language: null,
    model: null,
    tier: null,
    filter,
    target: { model: 'local/facts', version: '1' },
  };
}

async function stepOnce(firestore: Firestore): Promise<void> {
  const store = new ReanalysisStore(firestore, 1);
  const { id, owner_id } = await store.create(reanalysisOf({ only: 'any' }));
  await store.change(id, owner_id, 'confirm');
  const unused = { media: {}, queue: {}, places: {}, logger: { info: () => undefined } };
  await reanalysisStep(id, { firestore, ...unused, inFlight: 1, now: Date.now } as never);
}

async function importOnce(firestore: Firestore): Promise<void> {
  const source = { bucket: 'bucket', prefix: '' };
  const { id } = await new ImportStore(firestore).create({
    owner_id: randomUUID(),
    source,
  } as never);
  const page = { kind: 'storage#objects' };
  const deps = {
    firestore,
    media: new MediaStore(firestore),
    buckets: ['bucket'],
    now: Date.now,
    queue: {},
    places: {},
    logger: { info: () => undefined },
    storage: { bucket: () => ({ request: async () => [page] }) },
    dailyUploads: { remaining: async () => ({ bytes: 1, files: 1 }) },
    limits: { inFlight: 1, maxUploadBytes: 1, perDay: { bytes: 1, files: 1 } },
  };
  await importStep(id, deps as never);
}

/** The queries of the code, written by hand, each as the function that sends it: a new query has to be added. */
function queries(firestore: Firestore): Record<string, () => Promise<unknown>> {
  const media = new MediaStore(firestore);
  const bin = new Bin(firestore);
  const results = new EarlierResults(firestore);
  const list = (filters: MediaFilters, after: string) =>
    readMediaPage(firestore, 'owner', filters, 1, after);
  const ref = firestore.collection(MEDIA_COLLECTION).doc('id');
  const token = Buffer.from('0.0.id').toString('base64url');
  return {
    'media, page by page': () => list({}, token),
    'media that are searched for': async () => {
      const search = new MediaSearch(firestore, media);
      const from = '2026-01-01T00:00:00Z';
      const each = [{ status: 'failed' }, { kind: 'video' }, { safety: 'safe' }, { people: 3 }];
      const taken = Buffer.from('2026-01-01T00:00:00.id').toString('base64url');
      // By the time they were accepted, and by the time they were taken.
      const times = [
        { time: { from }, after: token },
        { time: { taken_from: '2026-01-01' }, after: taken },
      ];
      for (const sort of ['newest', 'oldest'] as const) {
        for (const { time, after } of times) {
          await list({ sort, ...time }, after);
          for (const filter of each) await list({ ...filter, ...time, sort } as never, after);
          const all = Object.assign({ sort, ...time }, ...each);
          await list(all, after);
          await search.find('owner', { ...all, q: 'word' }, 1);
        }
      }
      // First the media with a time, then the others.
      for (const after of [taken, Buffer.from('.0.0.id').toString('base64url')]) {
        for (const filter of [{}, ...each, Object.assign({}, ...each)])
          await list({ ...filter, sort: 'taken' } as never, after);
      }
      await ref.set({ owner_id: 'owner', search: { terms: ['word'], places: ' word:1 ' } });
      await search.find('owner', { q: 'word', from }, 1);
      await search.find('owner', { q: 'word', sort: 'taken' }, 1);
      await search.find('owner', { q: 'word' }, 1);
    },
    'where media were taken': () => readLocations(firestore, 'owner', 1, token),
    'all owners': async () => {
      const owners = ownersOf(firestore);
      await ref.set({ owner_id: 'owner' });
      // The first page has no cursor, the second one has.
      await owners.next();
      await owners.next();
    },
    'copies of a media': async () => {
      // Two further queries are sent only if there are many copies.
      const copies = [1, 2, 3, 4, 5].map((n) =>
        firestore.collection(MEDIA_COLLECTION).doc(`copy${n}`),
      );
      await Promise.all(copies.map((copy) => copy.set({ content_key: 'key', status: 'pending' })));
      await readWithCopies(ref, 'key');
    },
    moderation: async () => {
      const moderation = new ModerationStore(firestore);
      const subject = { id: 'judged', owner_id: 'owner', sha256: 'sha256' };
      await ref.parent.doc('judged').set(subject);
      await moderation.judge(subject, 'unsafe');
      await moderation.decide('judged', 'approved', 'operator');
      await moderation.waiting().next();
      await moderation.withheld().next();
    },
    'the usage of a month': async () => {
      // The query for the sums covers only models that a media has used.
      await ref.set({ owner_id: 'owner', usage_month: '2026-01', usage: { model: 'm' } });
      await new UsageStore(firestore).ofMonth('owner', '2026-01');
    },
    'the media that wait': async () => {
      // The query for the next waiting media comes before the count. Errors of either are only logged.
      const errors: unknown[] = [];
      const logger = { error: ({ error }: { error: unknown }) => errors.push(error) };
      const queue = { enqueue: async () => undefined };
      const places = new Places({ firestore, queue, logger, max: 1 } as never);
      const media = { owner_id: 'waiting', batch_id: 'batch', created_at: Timestamp.now() };
      await ref.parent.doc('waiting').set({ ...media, queue_state: 'waiting', object: null });
      await places.free('waiting');
      await places.refill('waiting');
      if (errors.length > 0) throw errors[0];
    },
    'reanalyses of an owner': () => new ReanalysisStore(firestore, 1).list('owner'),
    'imports of an owner': () => new ImportStore(firestore).list('owner'),
    'an import that goes on': () => importOnce(firestore),
    'the media of a quote': () => {
      const filter = {
        from: '2026-01-01T00:00:00Z',
        to: '2026-02-01T00:00:00Z',
        only: 'any',
      } as const;
      return new ReanalysisStore(firestore, 1).create(reanalysisOf(filter));
    },
    'a reanalysis that begins': () => stepOnce(firestore),
    'earlier results': async () => {
      await results.list('id', 'describe');
      await results.ofMedia('id').get();
    },
    'the bin': async () => {
      await bin.list('owner', 1, token);
      await bin.due(1);
      await bin.ofOwner('owner', 1);
    },
    'service keys': async () => {
      const keys = new ServiceKeys(async () => firestore);
      const { record } = await keys.add('check', ['read']);
      await keys.isUsable(record.id);
      await keys.callbackSecret(record.id);
      await keys.list();
      await keys.revoke(record.id);
    },
    webhooks: async () => {
      const webhooks = new Webhooks(firestore);
      await webhooks.of('owner');
      await webhooks.list('owner');
      const deliveries = new WebhookDeliveries(firestore);
      await deliveries.list('webhook', 1, token);
      await deliveries.listCallbacks({ id: 'id', owner_id: 'owner', batch_id: 'batch' });
      const outbox = new WebhookOutbox({ firestore } as never);
      await outbox.sendNext({ id: 'earlier', holds: true } as never);
    },
    'a batch that has ended': async () => {
      const logger = { error: () => undefined };
      const outbox = new WebhookOutbox({ firestore, webhooks: {}, queue: {}, logger } as never);
      const delivery = { state: 'pending', round: 0, tries: 0, body: null, owner_id: 'batch' };
      await firestore
        .collection(DELIVERIES_COLLECTION)
        .doc('batch')
        .set({ ...delivery, batch_id: 'batch', webhook_id: 'webhook', callback: null });
      const task = { delivery_id: 'batch', round: 0, tries: 0 };
      const options = { signal: new AbortController().signal, isInSlowQueue: false };
      await deliverWebhook(task, { firestore, outbox } as never, options).catch(
        (error: unknown) => {
          // Only Firestore's own errors matter.
          if (hasCode(error, FAILED_PRECONDITION)) throw error;
        },
      );
    },
    'announced files': () => new AnnouncementLimit(firestore, 1).refuseMoreThan('owner', 1),
    'the sweeper': async () => {
      // Making old media searchable must not fail a sweep, so its errors are only logged. The media here are incomplete: only
      // Firestore's own errors matter.
      const errors: unknown[] = [];
      const logger = {
        info: () => undefined,
        error: ({ error }: { error: unknown }) => errors.push(error),
      };
      const places = { refill: async () => undefined };
      // Records of the other checks may be due.
      const due = async () => false;
      const queue = { add: due };
      const basis = { firestore, objects: {}, queue, places, logger, quietMs: 0, now: Date.now };
      const { kit } = composeWorker({ ...basis, config: { IMPORT_BUCKETS: [] } } as never);
      await sweep(kit);
      const refused = errors.find((error) => hasCode(error, FAILED_PRECONDITION));
      if (refused) throw refused;
    },
    'what a stream of a library has missed': async () => {
      const source = createLibrarySource(firestore);
      for await (const _ of source.read('media', 'owner', 0, 1)) break;
      for await (const _ of source.read('bin', 'owner', 0, 1)) break;
    },
    'a stream': () =>
      new Promise<void>((resolve, reject) => {
        const listen = createListener(firestore.collection(MEDIA_COLLECTION));
        const stop = listen('owner', ['id'], () => resolve(stop()), reject);
      }),
  };
}

export async function checkDatabase(terraform: Terraform, root: string): Promise<string[]> {
  const definitions = indexesSchema.parse(JSON.parse(readFileSync(join(root, FILE), 'utf8')));
  return [
    ...(await checkIndexes(definitions)),
    ...checkVectors(definitions),
    ...checkExpiry(definitions),
    ...checkCollections(join(root, 'functions')),
    ...checkTerraform(terraform),
  ];
}

async function checkIndexes({ indexes, fieldOverrides }: IndexDefinitions): Promise<string[]> {
  const defined: IndexDefinitions = { indexes, fieldOverrides };
  const service = await startFirestore({ indexes: defined });
  const { host, port } = service;
  // Otherwise the client looks for Google's metadata server.
  process.env.METADATA_SERVER_DETECTION ??= 'none';
  const firestore = new Firestore({ projectId: 'check', host: `${host}:${port}`, ssl: false });
  const all = Object.entries(queries(firestore));
  const refusalOf = ([name, ask]: (typeof all)[number]) =>
    ask().then(
      () => undefined,
      ({ message }: Error) => `${name}: ${message}`,
    );
  const refusals = () => Promise.all(all.map(refusalOf));
  try {
    const problems = (await refusals()).filter((refusal) => refusal !== undefined);
    if (problems.length > 0) return problems;
    defined.indexes = [];
    const withoutAny = await refusals();
    const needing = all.filter((_, n) => withoutAny[n] !== undefined);
    for (const index of indexes) {
      defined.indexes = indexes.filter((each) => each !== index);
      if (await isAnyRefused(needing, refusalOf)) continue;
      const fields = index.fields.map(({ fieldPath }) => fieldPath).join(', ');
      problems.push(`${FILE}: no query needs the index on ${index.collectionGroup} (${fields}).`);
    }
    return problems;
  } finally {
    await firestore.terminate();
    await service.close();
  }
}

/** The refused query is tried first the next time: the next index often belongs to the same query. */
async function isAnyRefused<Query>(
  queries: Query[],
  refusalOf: (query: Query) => Promise<string | undefined>,
): Promise<boolean> {
  for (const [n, query] of queries.entries()) {
    if ((await refusalOf(query)) === undefined) continue;
    queries.unshift(...queries.splice(n, 1));
    return true;
  }
  return false;
}

/** Firestore puts `__name__` before a vector. Terraform takes that for another index, and would build it anew each time. */
function checkVectors({ indexes }: IndexDefinitions): string[] {
  const isVector = (field: object | undefined) => field && 'vectorConfig' in field;
  return indexes
    .filter(({ fields }) => isVector(fields.at(-1)) && fields.at(-2)?.fieldPath !== '__name__')
    .map(
      ({ collectionGroup, fields }) =>
        `${FILE}: write __name__ before ${fields.at(-1)?.fieldPath} in the index of vectors on ${collectionGroup}.`,
    );
}

function checkExpiry({ fieldOverrides }: IndexDefinitions): string[] {
  const expiring = fieldOverrides.filter(({ ttl }) => ttl);
  const theirs = expiring.map(
    ({ collectionGroup, fieldPath }) => `${collectionGroup}.${fieldPath}`,
  );
  const ours = Object.entries(COLLECTIONS).flatMap(([name, collection]) =>
    'ttl' in collection ? [`${name}.${collection.ttl}`] : [],
  );
  return [
    ...ours
      .filter((field) => !theirs.includes(field))
      .map(
        (field) => `${FILE}: no ttl on ${field}, which functions/core/media/collections.ts names.`,
      ),
    ...theirs
      .filter((field) => !ours.includes(field))
      .map(
        (field) =>
          `${FILE}: ttl on ${field}, which functions/core/media/collections.ts does not name. Remove one or add the other.`,
      ),
  ];
}

/**
 * Checks that the list of collections is complete. The checks above see only collections of the
 * list.
 */
function checkCollections(functions: string): string[] {
  const sources = readdirSync(functions, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.ts') && !name.includes('.test.') && !name.includes('node_modules'),
  );
  return sources.flatMap((name) => {
    const source = readFileSync(join(functions, name), 'utf8');
    const named = source.matchAll(
      /\.collection(?:Group)?\('([^']+)'|_COLLECTION\b[^='\n]*= '([^']+)'/g,
    );
    return [...named]
      .map(([, literal, constant]) => literal ?? constant ?? '')
      .filter((collection) => !(collection in COLLECTIONS))
      .map(
        (collection) => `functions/${name}: core/media/collections.ts does not list ${collection}.`,
      );
  });
}

/** Checks that Terraform reads the file itself, both for indexes and for fields. */
function checkTerraform(terraform: Terraform): string[] {
  const locals = terraform.locals();
  const reads = Object.values(locals).some((value) => value.includes(FILE));
  if (!reads) return [`terraform/: nothing reads ${FILE}.`];
  return ['google_firestore_index', 'google_firestore_field']
    .filter((type) => !terraform.resources(type).some(({ attributes }) => attributes.for_each))
    .map((type) => `terraform/: no ${type} is made for what ${FILE} defines.`);
}
