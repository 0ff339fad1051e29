import { type ReactNode, StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import type { GetToken } from '../client/index.ts';
import { Button } from '../components/base/button.tsx';
import { ErrorNotice } from '../components/base/error-notice.tsx';
import {
  baseOf,
  en,
  englishFor,
  useWords,
  type Words,
  WordsProvider,
} from '../components/words/index.ts';
import { forgetUploads } from '../hooks/uploads/kept.ts';
import { loadConfig } from './shell/config.ts';
import { PageHeader } from './shell/header.tsx';
import { serveInstalledApp } from './shell/install.ts';
import {
  type Language,
  preferredLanguage,
  rememberLanguage,
  SwitchLanguage,
} from './shell/language.tsx';
import { UserPage } from './shell/user-page.tsx';
import '../components/components.css';
import './page.css';

declare global {
  /** A host sets its API and its sign-in here, in a script before this one. See the README. */
  var mediaAnalysis: { baseUrl?: string; getToken?: GetToken } | undefined;
}

let words = en;
let content: ReactNode = <PageHeader />;
let switchTo: ((to: Language) => void) | undefined;
const showError = (error: unknown) => show(<NotStarted error={error} />);
const element = document.querySelector('#root');
if (!element) throw new Error('The page has no #root.');
// Without this, an error during rendering leaves the page blank.
const root = createRoot(element, {
  onUncaughtError(error) {
    reportError(error);
    showError(error);
  },
});

// The texts are loaded while the settings are.
const loadingWords = loadWords(preferredLanguage());
show(content);
start().then(show, showError);
// Last: in a frame without an origin of its own, this throws.
serveInstalledApp();

async function start(): Promise<ReactNode> {
  const loadingConfig = loadConfig();
  // The error is reported below, when the texts are there.
  loadingConfig.catch(() => undefined);
  speak(await loadingWords);
  switchTo = (to) => void switchLanguage(to);
  const config = await loadingConfig;
  const { getToken } = globalThis.mediaAnalysis ?? {};
  if (!config.sign_in || getToken) return <UserPage config={config} getToken={getToken} />;
  // A page without sign-in does not load this part.
  const { openSignIn, readSignIn, SignInGate } = await import('./sign-in/gate.tsx');
  const signIn = await openSignIn(readSignIn(config.sign_in), baseOf(words.language));
  return (
    <SignInGate signIn={signIn} onNobody={forgetUploads}>
      {({ key, ...user }) => <UserPage key={key} userId={key} config={config} {...user} />}
    </SignInGate>
  );
}

/** The English texts are a part of the page, so that it can always say what went wrong. */
async function loadWords(language: string): Promise<Words> {
  if (language !== 'ja') return englishFor(language);
  try {
    return (await import('../components/words/ja.ts')).ja;
  } catch (error) {
    reportError(error);
    return englishFor('en');
  }
}

function speak(next: Words): void {
  words = next;
  document.documentElement.lang = words.language;
  document.title = words.appName;
}

/** Work that has begun on the page goes on. */
async function switchLanguage(to: Language): Promise<void> {
  const language = preferredLanguage([to]);
  const next = await loadWords(language);
  // The texts could not be loaded.
  if (next.language !== language) return;
  rememberLanguage(to);
  speak(next);
  show(content);
}

function show(next: ReactNode): void {
  content = next;
  root.render(
    <StrictMode>
      <WordsProvider value={words}>
        <SwitchLanguage value={switchTo}>{content}</SwitchLanguage>
      </WordsProvider>
    </StrictMode>,
  );
}

function NotStarted({ error }: { error: unknown }) {
  const { tryAgain } = useWords();
  return (
    <>
      <PageHeader />
      <main className="page-main">
        <ErrorNotice error={error}>
          <Button onClick={() => location.reload()}>{tryAgain}</Button>
        </ErrorNotice>
      </main>
    </>
  );
}
