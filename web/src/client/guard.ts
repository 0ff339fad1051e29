/**
 * Checks the main fields of each answer, so that a page never shows nonsense. The full schemas are too large for the browser; the
 * server checks its answers with them.
 */
import type { AnalysisList } from '@media-analysis/shared/analyses';
import type { CreateUploadsResponse } from '@media-analysis/shared/large-uploads';
import type { Media, SignedUrl } from '@media-analysis/shared/media';
import type { EarlierResults } from '@media-analysis/shared/results';
import type { MediaList } from '@media-analysis/shared/search';
import { MEDIA_STATUSES } from '@media-analysis/shared/status';
import type { CloseUploadsResponse } from '@media-analysis/shared/uploads';
import type { UsageReport } from '@media-analysis/shared/usage';
import { MediaClientError } from './errors.ts';

type Is = (value: unknown) => boolean;

export const isText: Is = (value) => typeof value === 'string';
export const isNumber: Is = (value) => typeof value === 'number';
export const isList: Is = Array.isArray;
const isObject: Is = (value) => typeof value === 'object' && value !== null;

export const isOneOf =
  (values: readonly string[]): Is =>
  (value) =>
    values.some((each) => each === value);

export const isListOf =
  (is: Is): Is =>
  (value) =>
    Array.isArray(value) && value.every(is);

/** Absent, or as it should be. */
export const isMaybe =
  (is: Is): Is =>
  (value) =>
    value === undefined || is(value);

/** @returns whether these fields of an object are as they should be */
export const isWith =
  <T>(fields: { [Name in keyof T]?: Is }) =>
  (value: unknown): value is T => {
    const given = (value ?? {}) as Record<string, unknown>;
    return Object.entries<Is | undefined>(fields).every(([name, is]) => is?.(given[name]));
  };

/** @throws {MediaClientError} if the value is something else, for example because a proxy answered */
export const reading =
  <T>(is: (value: unknown) => value is T) =>
  (value: unknown): T => {
    if (is(value)) return value;
    throw new MediaClientError('unavailable', 'The server gave an answer that cannot be read.', {
      status: 502,
      cause: value,
    });
  };

export const isMedia = isWith<Media>({
  id: isText,
  file_name: isText,
  status: isOneOf(MEDIA_STATUSES),
  progress: isNumber,
  revision: isNumber,
});
export const asMedia = reading(isMedia);

export const asMediaList = reading(
  isWith<MediaList>({
    media: isListOf(isMedia),
    next_page_token: isMaybe(isText),
  }),
);

export const asFormOutcome = reading(
  isWith<CloseUploadsResponse>({ media_ids: isList, media: isListOf(isMedia), rejected: isList }),
);

const isAnalysis = isWith({
  name: isText,
  title: isText,
  input: isObject,
  translations: isObject,
});
export const asAnalysisList = reading(isWith<AnalysisList>({ analyses: isListOf(isAnalysis) }));

export const asSignedUrl = reading(isWith<SignedUrl>({ url: isText }));

const isUpload = isWith({
  media_id: isText,
  upload_url: (url) => url === null || isText(url),
  chunk_size: isNumber,
});
export const asUploads = reading(isWith<CreateUploadsResponse>({ uploads: isListOf(isUpload) }));

export const asUsageReport = reading(isWith<UsageReport>({ items: isNumber, models: isList }));

export const asEarlierResults = reading(
  isWith<EarlierResults>({ results: isListOf(isWith({ id: isText, analysis: isText })) }),
);
