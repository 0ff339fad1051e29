import './components.css';
import { speakOutside } from './words/index.ts';
import { ja } from './words/ja.ts';
import { readerWords, wordsFor } from './words/reader.ts';

speakOutside(readerWords);

export { AnalysisChoice } from './analysis-choice.tsx';
export { AnalysisView } from './analysis-view.tsx';
export { ConfirmButton } from './confirm-button.tsx';
export { Countdown } from './countdown.tsx';
export { ErrorNotice } from './error-notice.tsx';
export { type CardHandlers, MediaCard } from './media-card.tsx';
export { MediaDetails } from './media-details.tsx';
export { PhotoUpload } from './photo-upload.tsx';
export { ProgressBar } from './progress-bar.tsx';
export { StatusIcon } from './status-icon.tsx';
export { UploadProgress } from './upload-progress.tsx';
export { en, useWords, type Words, WordsProvider } from './words/index.ts';
export { ja, wordsFor };
