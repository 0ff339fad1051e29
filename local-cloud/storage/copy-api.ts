/** JSON API: objects made from other objects. Content is immutable, so a copy shares its file. */
import { z } from 'zod';
import type { Handler, Params } from './call.ts';
import { type Call, readJson, type Storage, sendJson } from './call.ts';
import { StorageError } from './errors.ts';
import type { ObjectRow } from './metadata.ts';
import { type ObjectMetadata, parseMetadata, toObjectResource } from './metadata.ts';
import { checkPreconditions, preconditionsOf } from './preconditions.ts';
import { generationOf, int64Schema } from './values.ts';

const MAX_COMPONENTS = 32;

/** Cloud Storage may need several calls for a large rewrite. This server finishes it in the first call. */
export const rewriteObject: Handler = async (storage, call, params) => {
  const row = await copy(storage, call, params);
  sendJson(call, {
    kind: 'storage#rewriteResponse',
    totalBytesRewritten: String(row.size),
    objectSize: String(row.size),
    done: true,
    resource: toObjectResource(row, call.baseUrl),
  });
};

export const copyObject: Handler = async (storage, call, params) => {
  sendJson(call, toObjectResource(await copy(storage, call, params), call.baseUrl));
};

/** Moves an object within its bucket in one step: clients never see both names or neither. */
export const moveObject: Handler = (storage, call, params) => {
  const { bucket } = params;
  const row = storage.db.transaction(() => {
    const source = sourceOf(storage, call, params);
    const target = { bucket, name: params.toObject };
    const moved = storage.objects.put(target, source, source.metadata, preconditionsOf(call.query));
    storage.objects.delete({ bucket, name: source.name, generation: source.generation }, {});
    return moved;
  });
  sendJson(call, toObjectResource(row, call.baseUrl));
};

/** As in Cloud Storage, metadata in the body replaces all metadata of the source. */
async function copy(storage: Storage, call: Call, params: Params): Promise<ObjectRow> {
  const given = parseMetadata(await readJson(call));
  const source = sourceOf(storage, call, params);
  const metadata = Object.keys(given).length > 0 ? given : source.metadata;
  const target = { bucket: params.toBucket, name: params.toObject };
  return storage.objects.put(target, source, metadata, preconditionsOf(call.query));
}

function sourceOf({ objects }: Storage, { query }: Call, { bucket, name }: Params): ObjectRow {
  const source = objects.get({ bucket, name, generation: generationOf(query, 'sourceGeneration') });
  checkPreconditions(preconditionsOf(query, 'ifSource'), source);
  return source;
}

/** Google's client for Python sends null if there is none. */
const generationSchema = int64Schema.nullish().transform((generation) => generation ?? undefined);

const composeBody = z.object({
  sourceObjects: z
    .array(
      z.object({
        name: z.string(),
        generation: generationSchema,
        objectPreconditions: z.object({ ifGenerationMatch: generationSchema }).nullish(),
      }),
    )
    .min(1)
    .max(MAX_COMPONENTS),
  destination: z.unknown(),
});

/** Concatenates up to 32 objects. https://cloud.google.com/storage/docs/composite-objects */
export const composeObject: Handler = async (storage, call, { bucket, name }) => {
  const body = composeBody.safeParse(await readJson(call));
  if (!body.success) {
    throw new StorageError(
      'invalid',
      `A compose request must have 1 to ${MAX_COMPONENTS} source objects, each with its name and, if you want to name it, its generation.`,
    );
  }
  const metadata: ObjectMetadata = parseMetadata(body.data.destination);
  const preconditions = preconditionsOf(call.query);
  storage.objects.checkPut(bucket, name, preconditions);
  const sources = body.data.sourceObjects.map(({ generation, objectPreconditions, ...source }) => {
    const row = storage.objects.get({ bucket, name: source.name, generation });
    const GenerationMatch = objectPreconditions?.ifGenerationMatch;
    checkPreconditions(GenerationMatch === undefined ? {} : { GenerationMatch }, row);
    return row;
  });
  const content = await storage.blobs.store(concatenate(storage, sources));
  const componentCount = sources.reduce((sum, row) => sum + (row.componentCount ?? 1), 0);
  try {
    const stored = { ...content, md5Hash: null, componentCount };
    const row = storage.objects.put({ bucket, name }, stored, metadata, preconditions);
    sendJson(call, toObjectResource(row, call.baseUrl));
  } catch (error) {
    storage.blobs.remove(content.blob);
    throw error;
  }
};

/**
 * Opens all files before it reads the first byte, because the sources may be deleted or replaced
 * meanwhile.
 */
function concatenate({ blobs }: Storage, sources: ObjectRow[]): AsyncIterable<Buffer> {
  const files = sources.filter(({ size }) => size > 0).map(({ blob }) => blobs.read(blob));
  return (async function* () {
    for (const file of files) yield* file;
  })();
}
