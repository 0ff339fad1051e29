/** The entry point of the page. */
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createMediaClient, type GetToken } from '../client/index.ts';
import { WordsProvider, wordsFor } from '../components/index.ts';
import { MediaClientProvider } from '../hooks/index.ts';
import { App } from './app.tsx';
import { loadConfig } from './config.ts';
import './page.css';

declare global {
  /** A host sets its API and its sign-in here, in a script before this one. See the README. */
  var mediaAnalysis: { baseUrl?: string; getToken?: GetToken } | undefined;
}

const { baseUrl, getToken } = globalThis.mediaAnalysis ?? {};
const { api_url, stream_url } = await loadConfig();
const client = createMediaClient({
  baseUrl: baseUrl ?? api_url,
  streamUrl: stream_url ?? baseUrl ?? '',
  getToken,
});
const words = wordsFor(navigator.languages);
document.documentElement.lang = words.language;

const root = document.querySelector('#root');
if (!root) throw new Error('The page has no #root.');
createRoot(root).render(
  <StrictMode>
    <WordsProvider value={words}>
      <MediaClientProvider value={client}>
        <App />
      </MediaClientProvider>
    </WordsProvider>
  </StrictMode>,
);
