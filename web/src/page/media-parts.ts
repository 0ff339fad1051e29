import './again.css';
import './many.css';

export { MediaDetails } from '../components/media-details.tsx';
export { Again } from './again.tsx';
export { BinView } from './bin.tsx';
export { DismissAll } from './dismiss-all.tsx';
export { EarlierResults } from './earlier-results.tsx';
export { EditWords } from './edit-words.tsx';
export { fewAtOnce } from './few-at-once.ts';
export { ManyBar } from './many-bar.tsx';
export { MovedFocus } from './moved-focus.tsx';
export { SelectButton } from './select-button.tsx';
export { Undo } from './undo.tsx';
