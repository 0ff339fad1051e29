/** Each component in each state, for developers: `npm run dev`, then `/components`. It is not in the built page. */
import { useState } from 'react';
import { createRoot } from 'react-dom/client';
import { createMediaClient, type Media } from '../../client/index.ts';
import { media } from '../../client/testing.ts';
import { ConfirmButton } from '../../components/base/confirm-button.tsx';
import { ErrorNotice } from '../../components/base/error-notice.tsx';
import { MediaCard } from '../../components/card/media-card.tsx';
import '../../components/components.css';
import { PhotoUpload } from '../../components/upload/photo-upload.tsx';
import { UploadProgress } from '../../components/upload/upload-progress.tsx';
import { en, WordsProvider } from '../../components/words/index.ts';
import { ja } from '../../components/words/ja.ts';
import { MediaClientProvider, type Upload } from '../../hooks/index.ts';
import '../page.css';

const nothing = () => undefined;
const handlers = {
  ...{ onOpen: nothing, onRetry: nothing, onRemove: nothing },
  ...{ onFiles: nothing, onSendAgain: nothing, onDismiss: nothing },
};

const bytes = await (await fetch(new URL('../sending/sample.jpg', import.meta.url))).blob();
const file = new File([bytes], 'sample.jpg', { type: 'image/jpeg' });
const upload = (change: Partial<Upload>): { upload: Upload } => ({
  upload: {
    ...{ key: 'u1', file, state: 'sending', isPaused: false, sent: file.size / 2 },
    ...{ mediaId: null, announcedId: null, error: null },
    ...change,
  },
});
const stored = (status: Media['status'], change: Partial<Media> = {}) => ({
  media: media(`m-${status}`, { status, progress: 0, ...change }),
});
const corrupt = { code: 'media_corrupt', message: '“sample.jpg” is damaged.' } as const;

/** The cards also draw `StatusIcon`, `ProgressBar` and `Countdown`. */
const CARDS: Record<string, { upload?: Upload; media?: Media; isSelected?: boolean }> = {
  sending: upload({}),
  paused: upload({ isPaused: true }),
  stopped: upload({ state: 'stopped' }),
  missing: upload({ state: 'missing' }),
  refused: upload({ state: 'rejected', error: corrupt }),
  waiting: stored('pending'),
  'waiting for a reason': stored('pending', { wait_code: 'analysis_quota' }),
  storing: stored('uploading', { progress: 0.2 }),
  analyzing: { ...upload({ state: 'accepted' }), ...stored('analyzing') },
  completed: { ...upload({ state: 'accepted' }), ...stored('completed') },
  selected: { ...stored('completed'), isSelected: true },
  failed: stored('failed', { error_code: 'analysis_timeout' }),
  'held back': stored('completed', { held: 'unsafe' }),
};

function Components() {
  const [words, setWords] = useState(en);
  const client = useState(() => createMediaClient({ fetch: async () => Response.json({}) }))[0];
  const batch = { total: 10, ready: 4, failed: 0, progress: 0.5 };
  const whole = { ...batch, ready: 10, progress: 1 };
  return (
    <WordsProvider value={words}>
      <MediaClientProvider value={client}>
        <main className="page-main" lang={words.language}>
          <h1>Components</h1>
          <button
            type="button"
            className="ma-button"
            onClick={() => setWords(words === en ? ja : en)}
          >
            English / 日本語
          </button>
          <h2>MediaCard</h2>
          <ul className="ma-grid">
            {Object.entries(CARDS).map(([name, card]) => (
              <MediaCard
                key={name}
                {...{ upload: undefined, media: undefined, ...card }}
                isRetryable={name === 'failed'}
                handlers={handlers}
              />
            ))}
          </ul>
          <h2>PhotoUpload</h2>
          <PhotoUpload onFiles={nothing} />
          <h2>UploadProgress</h2>
          <UploadProgress
            {...{ batch, connection: 'live', timeLeft: { from: 60, to: 120 } }}
            onPause={nothing}
            onCancel={nothing}
          />
          <UploadProgress batch={batch} connection="reconnecting" isPaused onPause={nothing} />
          <UploadProgress batch={{ ...whole, ready: 8, failed: 2 }} connection="idle" />
          <UploadProgress batch={whole} connection="idle" />
          <h2>ErrorNotice, ConfirmButton, buttons</h2>
          <ErrorNotice error={new Error('It did not work.')} />
          <ConfirmButton name="sample.jpg" onConfirm={nothing}>
            Delete
          </ConfirmButton>
          {['primary', 'danger', 'link', 'plain'].map((kind) => (
            <button key={kind} type="button" className="ma-button" data-kind={kind}>
              {kind}
            </button>
          ))}
        </main>
      </MediaClientProvider>
    </WordsProvider>
  );
}

createRoot(document.querySelector('#root') ?? document.body).render(<Components />);
