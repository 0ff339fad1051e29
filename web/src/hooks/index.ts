export { MediaClientProvider, useMediaClient } from './context.ts';
export {
  type BatchSummary,
  overallProgress,
  type Stage,
  stageOf,
  summaryOf,
  type TimeLeft,
} from './progress.ts';
export type { ReanalysisView } from './reanalysis.ts';
export { shareTabs } from './share-tabs.ts';
export type { StoreConnection } from './store.ts';
export type { UploadError } from './upload-error.ts';
export { forgetUploads } from './uploads/kept.ts';
export type { Upload } from './uploads.ts';
export { type Analyses, useAnalyses } from './use-analyses.ts';
export { type AnalyzeMedia, useAnalyzeMedia } from './use-analyze-media.ts';
export { type Library, useLibrary } from './use-library.ts';
export { useLiveLibrary } from './use-live-library.ts';
export { type MediaActions, useMediaActions } from './use-media-actions.ts';
export {
  type MediaAnalysis,
  type MediaUpload,
  useMediaAnalysisSSE,
  useMediaUploadSSE,
} from './use-media-analysis.ts';
export { useMediaList } from './use-media-list.ts';
export type { MediaListState, MediaSearchState } from './use-media-pages.ts';
export { useMediaSearch } from './use-media-search.ts';
export { type MediaUrl, useMediaUrl } from './use-media-url.ts';

export { type ReanalysisControl, useReanalysis } from './use-reanalysis.ts';
