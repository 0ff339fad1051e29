/** The exports of the package for React apps. */
export * from '../components/index.ts';
export * from '../hooks/index.ts';
export { MediaAnalysis, type MediaAnalysisProps } from './media-analysis.tsx';
