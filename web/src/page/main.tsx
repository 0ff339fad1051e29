/** The entry point of the page. */
import type { PageConfig } from '@media-analysis/shared/page-config';
import { type ReactNode, StrictMode, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { createMediaClient, type GetToken } from '../client/index.ts';
import { ErrorNotice, useWords, WordsProvider, wordsFor } from '../components/index.ts';
import { MediaClientProvider } from '../hooks/index.ts';
import { App } from './app.tsx';
import { loadConfig } from './config.ts';
import { PageHeader } from './header.tsx';
import './page.css';

declare global {
  /** A host sets its API and its sign-in here, in a script before this one. See the README. */
  var mediaAnalysis: { baseUrl?: string; getToken?: GetToken } | undefined;
}

const words = wordsFor(navigator.languages);
document.documentElement.lang = words.language;
const element = document.querySelector('#root');
if (!element) throw new Error('The page has no #root.');
const root = createRoot(element);

function show(content: ReactNode): void {
  root.render(
    <StrictMode>
      <WordsProvider value={words}>{content}</WordsProvider>
    </StrictMode>,
  );
}

show(<PageHeader />);
start().then(show, (error: unknown) => show(<NotStarted error={error} />));

async function start(): Promise<ReactNode> {
  const config = await loadConfig();
  const { getToken } = globalThis.mediaAnalysis ?? {};
  if (!config.sign_in || getToken) return <UserPage config={config} getToken={getToken} />;
  // A page without sign-in does not load this part.
  const { openSignIn, SignInGate } = await import('./sign-in/index.ts');
  const signIn = await openSignIn(config.sign_in, words.language);
  return (
    <SignInGate signIn={signIn}>
      {({ key, ...user }) => <UserPage key={key} config={config} {...user} />}
    </SignInGate>
  );
}

interface UserPageProps {
  config: PageConfig;
  getToken: GetToken | undefined;
  account?: ReactNode;
}

/** The page of one user, with a client and a memory of its own. */
function UserPage({ config, getToken, account }: UserPageProps) {
  const { api_url, stream_url } = config;
  const { baseUrl } = globalThis.mediaAnalysis ?? {};
  const [client] = useState(() =>
    createMediaClient({
      baseUrl: baseUrl ?? api_url,
      streamUrl: stream_url ?? baseUrl ?? '',
      getToken,
    }),
  );
  return (
    <MediaClientProvider value={client}>
      <App account={account} />
    </MediaClientProvider>
  );
}

function NotStarted({ error }: { error: unknown }) {
  const { tryAgain } = useWords();
  return (
    <>
      <PageHeader />
      <main className="page-main">
        <ErrorNotice error={error}>
          <button type="button" className="ma-button" onClick={() => location.reload()}>
            {tryAgain}
          </button>
        </ErrorNotice>
      </main>
    </>
  );
}
