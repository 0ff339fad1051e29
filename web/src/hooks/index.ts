export { MediaClientProvider, useMediaClient } from './context.ts';
export { useLiveLibrary } from './live-library.ts';
export {
  type BatchSummary,
  overallProgress,
  type Stage,
  stageOf,
  summaryOf,
  type TimeLeft,
} from './progress.ts';
export { type StoreConnection, shareTabs } from './store.ts';
export { forgetUploads } from './uploads/kept.ts';
export type { Upload, UploadError } from './uploads/list.ts';
export { type Analyses, useAnalyses } from './use-analyses.ts';
export { type AnalyzeMedia, useAnalyzeMedia } from './use-analyze-media.ts';
export { type Library, useLibrary } from './use-library.ts';
export { type MediaActions, useMediaActions } from './use-media-actions.ts';
export {
  type MediaAnalysis,
  type MediaUpload,
  useMediaAnalysisSSE,
  useMediaUploadSSE,
} from './use-media-analysis.ts';
export {
  type MediaListState,
  type MediaSearchState,
  useMediaList,
  useMediaSearch,
} from './use-media-pages.ts';
export { type MediaUrl, useMediaUrl } from './use-media-url.ts';
export type { ReanalysisView } from './use-reanalysis.ts';

export { type ReanalysisControl, useReanalysis } from './use-reanalysis.ts';
