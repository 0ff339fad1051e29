/** The routes of imports. A backend names a bucket or addresses, and the worker imports the files. */
import { AppError } from '@media-analysis/shared/errors';
import { createImportSchema, type ImportList, importRoutes } from '@media-analysis/shared/imports';
import type { z } from 'zod';
import { DESCRIBE } from '../../analysis/catalog/analyses.ts';
import type { AcceptanceStore } from '../../core/accept/acceptances.ts';
import { checkChosen } from '../../core/accept/analyses.ts';
import { makeOnce } from '../../core/accept/make-once.ts';
import type { Moments } from '../../core/media/moments.ts';
import { tokenOf } from '../../core/media/paging.ts';
import { parse, readJson } from '../../http/body.ts';
import type { ContractCall } from '../../http/contract-route.ts';
import { isMediaId } from '../../http/ids.ts';
import { sendJson } from '../../http/respond.ts';
import { addressRefusal, type Loopback } from '../../outbound/allowed-address.ts';
import type { Logger } from '../../process/log.ts';
import { readCallback } from '../webhooks/callback.ts';
import type { ImportQueue } from './queue.ts';
import { type ImportRecord, toImport, unknownImport } from './record.ts';
import type { ImportChange, ImportStore, NewImport } from './store.ts';

interface ImportServices {
  imports: ImportStore;
  moments: Moments;
  acceptances: AcceptanceStore;
  importBuckets: readonly string[];
  queue: Pick<ImportQueue, 'enqueueImport'>;
  logger: Logger;
  /** The model of the deployment. It decides which analyses are offered. */
  model: string;
  loopback: Loopback;
}

/** Enough for a thousand addresses. The record keeps them, and has at most 1 MiB. */
const MAX_BODY_BYTES = 320 * 1024;

type Handle = (call: ContractCall, ownerId: string, services: ImportServices) => Promise<void>;

const createImport: Handle = async (call, ownerId, services) => {
  const { request, response, keyId } = call;
  if (keyId === undefined) {
    throw new AppError('forbidden', 'Imports are begun by a backend with a service key.');
  }
  const body = await readJson(request, createImportSchema, MAX_BODY_BYTES);
  const { imports, acceptances, logger } = services;
  const wanted = readImport(body, ownerId, keyId, services);
  const { made: record, isNew } = await makeOnce(
    call,
    {
      owner: { ownerId },
      asked: ['createImport', body],
      make: (recordRequest) => imports.create(wanted, recordRequest),
      find: (id) => imports.get(id, ownerId),
    },
    acceptances,
  );
  if (isNew) {
    logger.info({ import_id: record.id, source: toImport(record).source }, 'import begun');
    await enqueue(record, services);
  }
  sendJson(response, 202, toImport(record));
};

const listImports: Handle = async ({ response, query }, ownerId, { imports }) => {
  const { limit, page_token } = parse(importRoutes.listImports.query, query);
  const page = await imports.list(ownerId, limit, page_token);
  const list = { imports: page.records.map(toImport), ...tokenOf(page) };
  sendJson(response, 200, list satisfies ImportList);
};

const getImport: Handle = async ({ response, params }, ownerId, { imports }) => {
  sendJson(response, 200, toImport(await imports.get(importId(params), ownerId)));
};

/** @returns the handler for `POST /api/imports/{id}/…` */
function changeImport(change: ImportChange): Handle {
  return async ({ response, params }, ownerId, services) => {
    const { imports, moments } = services;
    const { record, isChanged } = await imports.change(importId(params), ownerId, change, moments);
    if (isChanged && record.state === 'running') await enqueue(record, services);
    sendJson(response, 202, toImport(record));
  };
}

async function enqueue(
  { id, revision, addresses }: ImportRecord,
  { queue, logger }: ImportServices,
): Promise<void> {
  const downloads = addresses !== undefined;
  await queue.enqueueImport(id, `r${revision}`, { downloads }).catch((error: unknown) => {
    logger.error({ import_id: id, error }, 'not enqueued; the sweeper will do it');
  });
}

/** @throws {AppError} `invalid_request`, `forbidden`, `not_found`, `analysis_not_offered` */
function readImport(
  {
    source,
    in_place,
    analyze,
    analyses,
    language,
    callback_url,
    metadata: said,
  }: z.infer<typeof createImportSchema>,
  owner_id: string,
  keyId: string,
  { importBuckets, model, loopback, moments }: ImportServices,
): NewImport {
  if (!analyze && analyses !== undefined) {
    throw new AppError('invalid_request', 'analyses: none can be made if analyze is false.');
  }
  if (in_place && 'urls' in source) {
    throw new AppError('invalid_request', 'in_place: only the objects of a bucket can stay there.');
  }
  const given = { ownerId: owner_id, keyId, fields: { metadata: said }, files: [{}] };
  const { metadata } = moments.accepting(given).change(0);
  return {
    in_place,
    owner_id,
    ...readSource(source, importBuckets, loopback),
    analyze,
    language,
    analyses: analyze ? checkChosen(analyses ?? [DESCRIBE], model) : [],
    ...readCallback(callback_url, keyId, loopback),
    ...(metadata && { metadata }),
  };
}

function readSource(
  source: z.infer<typeof createImportSchema>['source'],
  listed: readonly string[],
  loopback: Loopback,
): Pick<NewImport, 'source' | 'addresses'> {
  if ('gs' in source) {
    const [bucket = '', ...prefix] = source.gs.slice('gs://'.length).split('/');
    refuseUnlisted(bucket, listed);
    return { source: { bucket, prefix: prefix.join('/') } };
  }
  const named: readonly { url: string; external_id?: string }[] = source.urls.map((each) =>
    typeof each === 'string' ? { url: each } : each,
  );
  const addresses = [...new Map(named.map((each) => [each.url, { ...each, tries: 0 }])).values()];
  const ids = new Map(addresses.map(({ url, external_id }) => [url, external_id]));
  const other = named.findIndex(({ url, external_id }) => ids.get(url) !== external_id);
  if (other >= 0) {
    const message = `source.urls.${other}: this address is there twice, with different external_ids. A file is imported once.`;
    throw new AppError('invalid_request', message);
  }
  for (const [n, { url }] of addresses.entries()) {
    const refusal = addressRefusal(url, loopback);
    if (refusal !== undefined) {
      throw new AppError('invalid_request', `source.urls.${n}: ${refusal}.`);
    }
  }
  return { source: { urls: addresses.length }, addresses };
}

/** The service may read more buckets than its callers should. */
function refuseUnlisted(bucket: string, listed: readonly string[]): void {
  if (listed.includes(bucket)) return;
  throw new AppError(
    'forbidden',
    `source.gs: "${bucket}" is none of the buckets from which may be imported. An operator adds it to IMPORT_BUCKETS (import_buckets in Terraform).`,
  );
}

/** @throws {AppError} `not_found` if the text cannot be an id */
function importId({ id = '' }: Record<string, string>): string {
  if (!isMediaId(id)) throw unknownImport(id);
  return id;
}

export const importHandlers = {
  createImport,
  listImports,
  getImport,
  pauseImport: changeImport('pause'),
  resumeImport: changeImport('resume'),
  cancelImport: changeImport('cancel'),
};
