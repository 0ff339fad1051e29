import './again.css';

export { MediaDetails } from '../components/media-details.tsx';
export { Again } from './again.tsx';
export { EarlierResults } from './earlier-results.tsx';
