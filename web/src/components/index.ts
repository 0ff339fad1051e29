import './components.css';
import { ja } from './words/ja.ts';
import { wordsFor } from './words/reader.ts';

export { ConfirmButton } from './base/confirm-button.tsx';
export { ErrorNotice } from './base/error-notice.tsx';
export { type CardHandlers, MediaCard } from './card/media-card.tsx';
export { StatusIcon } from './card/status-icon.tsx';
export { AnalysisChoice } from './upload/analysis-choice.tsx';
export { Countdown } from './upload/countdown.tsx';
export { PhotoUpload } from './upload/photo-upload.tsx';
export { ProgressBar } from './upload/progress-bar.tsx';
export { UploadProgress } from './upload/upload-progress.tsx';
export { AnalysisView } from './view/analysis-view.tsx';
export { MediaDetails } from './view/media-details.tsx';
export { en, useWords, type Words, WordsProvider } from './words/index.ts';
export { ja, wordsFor };
