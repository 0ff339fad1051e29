import './again.css';

export { Again } from './again.tsx';
export { EarlierResults } from './earlier-results.tsx';
