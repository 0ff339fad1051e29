/** The routes of reanalyses. They never ask a model. */
import { AppError } from '@media-analysis/shared/errors';
import {
  createReanalysisSchema,
  type ReanalysisList,
  reanalysisRoutes,
} from '@media-analysis/shared/reanalyses';
import type { z } from 'zod';
import { analysisOf } from '../../analysis/catalog/analyses.ts';
import { analysisVersion } from '../../analysis/catalog/analysis-version.ts';
import { takesVideos } from '../../analysis/catalog/model-name.ts';
import type { AcceptanceStore } from '../../core/accept/acceptances.ts';
import { readAsked } from '../../core/accept/analyses.ts';
import { makeOnce } from '../../core/accept/make-once.ts';
import type { Moments } from '../../core/media/moments.ts';
import { tokenOf } from '../../core/media/paging.ts';
import type { RecordRequest } from '../../core/media/request-record.ts';
import { parse, readJson } from '../../http/body.ts';
import type { ConcurrencyLimit } from '../../http/concurrency-limit.ts';
import type { ContractCall } from '../../http/contract-route.ts';
import { isMediaId } from '../../http/ids.ts';
import { sendJson } from '../../http/respond.ts';
import type { Logger } from '../../process/log.ts';
import type { ReanalysisQueue } from './queue.ts';
import { type ReanalysisRecord, toReanalysis, unknownReanalysis } from './record.ts';
import type { NewReanalysis, ReanalysisStore } from './store.ts';

export interface ReanalysisServices {
  reanalyses: ReanalysisStore;
  moments: Moments;
  acceptances: AcceptanceStore;
  queue: Pick<ReanalysisQueue, 'enqueueStep'>;
  logger: Logger;
  /** The model of the deployment. */
  model: string;
  /** Models that a reanalysis may ask. `model` is one of them. */
  models: readonly string[];
  offersFlex: (model: string) => boolean;
  /** Limits quotes at the same time: each reads all media of its filter. */
  quotes: ConcurrencyLimit;
}

type Handle = (call: ContractCall, ownerId: string, services: ReanalysisServices) => Promise<void>;

const createReanalysis: Handle = async (call, ownerId, services) => {
  const { reanalyses, quotes, acceptances } = services;
  const body = await readJson(call.request, createReanalysisSchema);
  const wanted = readWanted(body, ownerId, services);
  const make = async (recordRequest?: RecordRequest) => {
    const release = quotes.acquire(ownerId);
    try {
      return await reanalyses.create(wanted, recordRequest);
    } finally {
      release();
    }
  };
  const find = (id: string) => reanalyses.get(id, ownerId);
  const asked: [string, object] = ['createReanalysis', body];
  const { made } = await makeOnce(call, { owner: { ownerId }, asked, make, find }, acceptances);
  sendJson(call.response, 201, toReanalysis(made));
};

const listReanalyses: Handle = async ({ response, query }, ownerId, { reanalyses }) => {
  const { limit, page_token } = parse(reanalysisRoutes.listReanalyses.query, query);
  const page = await reanalyses.list(ownerId, limit, page_token);
  const list = { reanalyses: page.records.map(toReanalysis), ...tokenOf(page) };
  sendJson(response, 200, list satisfies ReanalysisList);
};

const getReanalysis: Handle = async ({ response, params }, ownerId, { reanalyses }) => {
  sendJson(response, 200, toReanalysis(await reanalyses.get(reanalysisId(params), ownerId)));
};

type Change = Parameters<ReanalysisStore['change']>[2];

/** @returns the handler for `POST /api/reanalyses/{id}/…` */
function changeReanalysis(change: Change): Handle {
  return async ({ response, params }, ownerId, services) => {
    const record = await applyChange(change, reanalysisId(params), ownerId, services);
    sendJson(response, 202, toReanalysis(record));
  };
}

/** Changes a run, and creates the task of its next step. The operators' command uses it too. */
export async function applyChange(
  change: Change,
  id: string,
  ownerId: string,
  services: Pick<ReanalysisServices, 'reanalyses' | 'moments' | 'queue' | 'logger'>,
): Promise<ReanalysisRecord> {
  const { reanalyses, moments, queue, logger } = services;
  const { record, isChanged } = await reanalyses.change(id, ownerId, change, moments);
  if (isChanged && record.state === 'running') {
    await queue.enqueueStep(id, `r${record.revision}`).catch((error: unknown) => {
      logger.error({ reanalysis_id: id, error }, 'not enqueued; the sweeper will do it');
    });
  }
  return record;
}

/**
 * Checks what an owner asks for. The operators' command uses it too.
 * @throws {AppError} `not_found`, `invalid_request`, `analysis_not_offered`
 */
export function readWanted(
  body: z.infer<typeof createReanalysisSchema>,
  owner_id: string,
  { model: usual, models, offersFlex }: Pick<ReanalysisServices, 'model' | 'models' | 'offersFlex'>,
): NewReanalysis {
  const { analysis, input: given, language, model, tier, filter } = body;
  const own = analysisOf(analysis)?.model;
  const possible = [...new Set([...models, ...(own === undefined ? [] : [own])])];
  if (model !== undefined && !possible.includes(model)) {
    throw new AppError(
      'invalid_request',
      `model: "${model}" is none of this service. There are: ${possible.join(', ')}.`,
    );
  }
  const asked = model ?? own ?? usual;
  if (tier === 'flex' && !offersFlex(asked)) {
    throw new AppError('invalid_request', `tier: ${asked} has no "flex". Leave the field out.`);
  }
  const targetOf = (name: string) => ({ model: name, version: analysisVersion(analysis, name) });
  // The worker does the same: an analysis that names its model has no fallback.
  const instead = own === undefined ? models.slice(1) : [];
  const forVideos = takesVideos(asked) ? undefined : instead.find(takesVideos);
  const { input } = readAsked(analysis, { input: given }, usual, model);
  return {
    owner_id,
    analysis,
    input,
    language: language ?? null,
    filter,
    model: model ?? null,
    tier: tier ?? null,
    target: { ...targetOf(asked), ...(forVideos !== undefined && { video: targetOf(forVideos) }) },
  };
}

/** @throws {AppError} `not_found` if the text cannot be an id */
function reanalysisId({ id = '' }: Record<string, string>): string {
  if (!isMediaId(id)) throw unknownReanalysis(id);
  return id;
}

export const reanalysisHandlers = {
  createReanalysis,
  listReanalyses,
  getReanalysis,
  confirmReanalysis: changeReanalysis('confirm'),
  pauseReanalysis: changeReanalysis('pause'),
  resumeReanalysis: changeReanalysis('resume'),
  cancelReanalysis: changeReanalysis('cancel'),
};
