export type { AnalysisInfo } from '@media-analysis/shared/analyses';
export type { AnalysisInputs, AnalysisOutputs } from '@media-analysis/shared/analyses.gen';
export type { BinList, BinnedMedia, Deleted, NotDone, Restored } from '@media-analysis/shared/bin';
export type { EditMedia, Edits } from '@media-analysis/shared/edits';
export type { ErrorCode, ErrorKind } from '@media-analysis/shared/error-codes';
export type { DayLimit } from '@media-analysis/shared/errors';
export type { ExportFormat } from '@media-analysis/shared/export';
export type { AnalysisResult, AnalysisResults, Media } from '@media-analysis/shared/media';
export type {
  Reanalysis,
  ReanalysisFilter,
  ReanalysisQuote,
} from '@media-analysis/shared/reanalyses';
export type { ReanalysisState } from '@media-analysis/shared/reanalysis-state';
export type { EarlierResult } from '@media-analysis/shared/results';
export type { MediaFilters, MediaList } from '@media-analysis/shared/search';
export type { MediaStatus } from '@media-analysis/shared/status';
export type { AnalyzeMediaResponse, RejectedFile } from '@media-analysis/shared/uploads';
export type { UsageReport } from '@media-analysis/shared/usage';
export type { WebhookPayload } from '@media-analysis/shared/webhooks';
export type {
  AnalysisInput,
  AnalysisName,
  AnalyzeOptions,
  AnalyzeProgress,
} from './analyze.ts';
export {
  type AskOptions,
  createMediaClient,
  type MediaClient,
  type MediaClientOptions,
  type Rendition,
} from './client.ts';
export { ERRORS, MediaClientError, networkError } from './errors.ts';
export type { Connection, WatchOptions } from './follow.ts';
export type { FileOutcome } from './form.ts';
export { type CutFrames, cutVideoFrames, type VideoFrames } from './frames.ts';
export type { GetToken } from './http.ts';
export { type ExportSubject, type LibraryClient, libraryOf } from './library.ts';
export type { LibraryUpdate, LibraryWatchOptions } from './library-watch.ts';
export { type ReanalysisClient, type ReanalysisWish, reanalysesOf } from './reanalyses.ts';
export type { SendNotes } from './send-deps.ts';
export type { MediaUpdate, WaitOptions } from './watch.ts';
