import { MediaAnalysis } from '@media-analysis/react';
import { createRoot } from 'react-dom/client';
import '@media-analysis/react/styles.css';

createRoot(document.querySelector('main')).render(
  <MediaAnalysis baseUrl="http://localhost:8080" />,
);
