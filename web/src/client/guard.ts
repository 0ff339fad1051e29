/**
 * Checks the main fields of each answer, so that a page never shows nonsense. The full schema is too large for the browser; the
 * server checks its answers with it.
 */
import type { AnalysisInfo, AnalysisList } from '@media-analysis/shared/analyses';
import type { CreateUploadsResponse } from '@media-analysis/shared/large-uploads';
import type { Media, SignedUrl } from '@media-analysis/shared/media';
import type { Reanalysis } from '@media-analysis/shared/reanalyses';
import type { ReanalysisState } from '@media-analysis/shared/reanalysis-state';
import type { EarlierResult } from '@media-analysis/shared/results';
import type { MediaList } from '@media-analysis/shared/search';
import type { MediaStatus } from '@media-analysis/shared/status';
import type { CloseUploadsResponse } from '@media-analysis/shared/uploads';
import type { UsageReport } from '@media-analysis/shared/usage';
import { MediaClientError } from './errors.ts';

const STATUSES: Record<MediaStatus, true> = {
  pending: true,
  uploading: true,
  analyzing: true,
  completed: true,
  failed: true,
};

export function isMedia(value: unknown): value is Media {
  const { id, status, progress, revision, file_name } = (value ?? {}) as Partial<Media>;
  return (
    typeof id === 'string' &&
    typeof file_name === 'string' &&
    typeof status === 'string' &&
    Object.hasOwn(STATUSES, status) &&
    typeof progress === 'number' &&
    typeof revision === 'number'
  );
}

/** @throws {MediaClientError} if the value is no media, for example because a proxy answered */
export function asMedia(value: unknown): Media {
  if (isMedia(value)) return value;
  throw unexpected(value);
}

export function asMediaList(value: unknown): MediaList {
  const { media, next_page_token = '', corrected = [] } = (value ?? {}) as Partial<MediaList>;
  if (
    !Array.isArray(media) ||
    !Array.isArray(corrected) ||
    typeof next_page_token !== 'string' ||
    !corrected.every((each) => each?.from && each.to)
  ) {
    throw unexpected(value);
  }
  return { ...(value as MediaList), media: media.map(asMedia) };
}

export function asFormOutcome(value: unknown): CloseUploadsResponse {
  const { media_ids, media, rejected } = (value ?? {}) as Partial<CloseUploadsResponse>;
  if (!Array.isArray(media_ids) || !Array.isArray(media) || !Array.isArray(rejected)) {
    throw unexpected(value);
  }
  return { media_ids, media: media.map(asMedia), rejected };
}

export function asAnalysisList(value: unknown): AnalysisInfo[] {
  const { analyses } = (value ?? {}) as Partial<AnalysisList>;
  if (!Array.isArray(analyses)) throw unexpected(value);
  const isInfo = ({ name, title, input, translations }: Partial<AnalysisInfo>) =>
    typeof name === 'string' && typeof title === 'string' && input && translations;
  if (analyses.every((each) => each && isInfo(each))) return analyses;
  throw unexpected(value);
}

export function asSignedUrl(value: unknown): string {
  const { url } = (value ?? {}) as Partial<SignedUrl>;
  if (typeof url !== 'string') throw unexpected(value);
  return url;
}

/** @returns the first upload of an answer; undefined if its media was deleted */
export function asUpload(value: unknown): CreateUploadsResponse['uploads'][number] | undefined {
  const { uploads } = (value ?? {}) as Partial<CreateUploadsResponse>;
  if (!Array.isArray(uploads)) throw unexpected(value);
  const [upload] = uploads;
  if (upload === undefined) return undefined;
  const { media_id, upload_url, chunk_size } = upload;
  const hasSession = typeof upload_url === 'string' || upload_url === null;
  if (typeof media_id === 'string' && hasSession && chunk_size > 0) return upload;
  throw unexpected(value);
}

export function asUsageReport(value: unknown): UsageReport {
  const { items, models } = (value ?? {}) as Partial<UsageReport>;
  if (typeof items === 'number' && Array.isArray(models)) return value as UsageReport;
  throw unexpected(value);
}

const STATES: Record<ReanalysisState, true> = {
  quoted: true,
  running: true,
  paused: true,
  completed: true,
  cancelled: true,
};

export function isReanalysis(value: unknown): value is Reanalysis {
  const { id, state, quote, done, revision } = (value ?? {}) as Partial<Reanalysis>;
  return (
    typeof id === 'string' &&
    typeof state === 'string' &&
    Object.hasOwn(STATES, state) &&
    typeof quote?.media === 'number' &&
    typeof done === 'number' &&
    typeof revision === 'number'
  );
}

export function asReanalysis(value: unknown): Reanalysis {
  if (isReanalysis(value)) return value;
  throw unexpected(value);
}

export function asReanalysisList(value: unknown): Reanalysis[] {
  const { reanalyses } = (value ?? {}) as { reanalyses?: unknown };
  if (!Array.isArray(reanalyses)) throw unexpected(value);
  return reanalyses.map(asReanalysis);
}

export function asEarlierResults(value: unknown): EarlierResult[] {
  const { results } = (value ?? {}) as { results?: Partial<EarlierResult>[] };
  const isResult = ({ id, analysis }: Partial<EarlierResult>) =>
    typeof id === 'string' && typeof analysis === 'string';
  if (!Array.isArray(results) || !results.every((each) => each && isResult(each))) {
    throw unexpected(value);
  }
  return results as EarlierResult[];
}

export function unexpected(value: unknown): MediaClientError {
  return new MediaClientError('unavailable', 'The server gave an answer that cannot be read.', {
    status: 502,
    cause: value,
  });
}
