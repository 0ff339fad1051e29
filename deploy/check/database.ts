/**
 * Checks Firestore: each query of the code has its index, each index has a query, records expire where they should, and Terraform
 * creates the indexes of firestore.indexes.json.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Firestore, Timestamp } from '@google-cloud/firestore';
import { readOwnedPage } from '../../functions/core/media/owned-media.ts';
import { ownersOf } from '../../functions/core/media/owners.ts';
import { Places } from '../../functions/core/media/places.ts';
import { MEDIA_COLLECTION } from '../../functions/core/media/record.ts';
import { readWithCopies } from '../../functions/core/media/same-content.ts';
import { createListener } from '../../functions/core/stream/listen.ts';
import { sweep } from '../../functions/core/work/sweep.ts';
import { ServiceKeys } from '../../functions/http/service-keys.ts';
import { FAILED_PRECONDITION, hasCode } from '../../functions/process/grpc-status.ts';
import { composeWorker } from '../../functions/worker/compose.ts';
import { type IndexDefinitions, indexesSchema } from '../../local-cloud/firestore/query/indexes.ts';
import { startFirestore } from '../../local-cloud/firestore/server.ts';
import { COLLECTIONS } from './collections.ts';
import { FEATURE_QUERIES } from './feature-queries.ts';
import type { Terraform } from './terraform.ts';

const FILE = 'firestore.indexes.json';

/** The queries of the core, written by hand, each as the function that sends it: a new query has to be added. */
function queries(firestore: Firestore): Record<string, () => Promise<unknown>> {
  const ref = firestore.collection(MEDIA_COLLECTION).doc('id');
  const token = Buffer.from('0.0.id').toString('base64url');
  return {
    'media, page by page': () => readOwnedPage(firestore, 'owner', 1, token),
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
    'service keys': async () => {
      const keys = new ServiceKeys(async () => firestore);
      const { record } = await keys.add('check', ['read']);
      await keys.isUsable(record.id);
      await keys.callbackSecret(record.id);
      await keys.list();
      await keys.revoke(record.id);
    },
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
  const all = [queries, ...FEATURE_QUERIES].flatMap((each) => Object.entries(each(firestore)));
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
      .map((field) => `${FILE}: no ttl on ${field}, which deploy/check/collections.ts names.`),
    ...theirs
      .filter((field) => !ours.includes(field))
      .map(
        (field) =>
          `${FILE}: ttl on ${field}, which deploy/check/collections.ts does not name. Remove one or add the other.`,
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
        (collection) =>
          `functions/${name}: deploy/check/collections.ts does not list ${collection}.`,
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
