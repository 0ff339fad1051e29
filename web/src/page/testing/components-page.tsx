/** Each component in each state, for those who change one: `npm run dev`, then `/components`. It is not in what is built. */
import { type ReactNode, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { createMediaClient, type Media } from '../../client/index.ts';
import { media } from '../../client/testing.ts';
import { ConfirmButton } from '../../components/base/confirm-button.tsx';
import { ErrorNotice } from '../../components/base/error-notice.tsx';
import { MediaCard } from '../../components/card/media-card.tsx';
import { StatusIcon } from '../../components/card/status-icon.tsx';
import '../../components/components.css';
import { Countdown } from '../../components/upload/countdown.tsx';
import { PhotoUpload } from '../../components/upload/photo-upload.tsx';
import { ProgressBar } from '../../components/upload/progress-bar.tsx';
import { UploadProgress } from '../../components/upload/upload-progress.tsx';
import { en, WordsProvider } from '../../components/words/index.ts';
import { ja } from '../../components/words/ja.ts';
import { MediaClientProvider, type Stage, type Upload } from '../../hooks/index.ts';
import '../page.css';

const nothing = () => undefined;
const handlers = {
  onOpen: nothing,
  onRetry: nothing,
  onRemove: nothing,
  onFiles: nothing,
  onSendAgain: nothing,
  onDismiss: nothing,
};

const bytes = await (await fetch(new URL('../sending/sample.jpg', import.meta.url))).blob();
const file = new File([bytes], 'sample.jpg', { type: 'image/jpeg' });
const upload = (change: Partial<Upload>): Upload => ({
  key: 'u1',
  file,
  state: 'sending',
  isPaused: false,
  sent: file.size / 2,
  mediaId: null,
  announcedId: null,
  error: null,
  ...change,
});

/** What a card is made of, by the state that it shows. */
const CARDS: Record<string, { upload?: Upload; media?: Media; isSelected?: boolean }> = {
  sending: { upload: upload({}) },
  paused: { upload: upload({ isPaused: true }) },
  stopped: { upload: upload({ state: 'stopped' }) },
  missing: { upload: upload({ state: 'missing' }) },
  refused: {
    upload: upload({
      state: 'rejected',
      error: { code: 'media_corrupt', message: '“sample.jpg” is damaged.' },
    }),
  },
  waiting: { media: media('m1', { status: 'pending', progress: 0 }) },
  'waiting for a reason': {
    media: media('m2', { status: 'pending', progress: 0, wait_code: 'analysis_quota' }),
  },
  storing: { media: media('m3', { status: 'uploading', progress: 0.2 }) },
  analyzing: { upload: upload({ state: 'accepted' }), media: media('m4', { status: 'analyzing' }) },
  completed: { upload: upload({ state: 'accepted' }), media: media('m5', { status: 'completed' }) },
  selected: { media: media('m6', { status: 'completed' }), isSelected: true },
  failed: { media: media('m7', { status: 'failed', error_code: 'analysis_timeout' }) },
  'held back': { media: media('m8', { status: 'completed', held: 'unsafe' }) },
};

const STAGES: Stage[] = [
  'sending',
  'paused',
  'stopped',
  'missing',
  'waiting',
  'storing',
  'analyzing',
  'completed',
  'failed',
];

const Part = ({ name, children }: { name: string; children: ReactNode }) => (
  <section>
    <h2>{name}</h2>
    {children}
  </section>
);

function Components() {
  const [isJapanese, setIsJapanese] = useState(false);
  const words = isJapanese ? ja : en;
  const client = useState(() => createMediaClient({ fetch: async () => Response.json({}) }))[0];
  const batch = { total: 10, ready: 4, failed: 0, progress: 0.5 };
  return (
    <WordsProvider value={words}>
      <MediaClientProvider value={client}>
        <main className="page-main" lang={words.language}>
          <h1>Components</h1>
          <button type="button" className="ma-button" onClick={() => setIsJapanese(!isJapanese)}>
            {isJapanese ? 'English' : '日本語'}
          </button>
          <Part name="MediaCard">
            <ul className="ma-grid">
              {Object.entries(CARDS).map(([name, { isSelected, ...of }]) => (
                <MediaCard
                  key={name}
                  upload={of.upload}
                  media={of.media}
                  isSelected={isSelected}
                  isRetryable={name === 'failed'}
                  handlers={handlers}
                />
              ))}
            </ul>
          </Part>
          <Part name="PhotoUpload">
            <PhotoUpload onFiles={nothing} />
          </Part>
          <Part name="UploadProgress">
            <UploadProgress
              batch={batch}
              connection="live"
              timeLeft={{ from: 60, to: 120 }}
              onPause={nothing}
              onCancel={nothing}
            />
            <UploadProgress batch={batch} connection="reconnecting" isPaused onPause={nothing} />
            <UploadProgress
              batch={{ ...batch, ready: 8, failed: 2, progress: 1 }}
              connection="idle"
            />
            <UploadProgress batch={{ ...batch, ready: 10, progress: 1 }} connection="idle" />
          </Part>
          <Part name="StatusIcon, ProgressBar, Countdown">
            <p>
              {STAGES.map((stage) => (
                <span key={stage}>
                  <StatusIcon stage={stage} /> {words.stages[stage]}{' '}
                </span>
              ))}
            </p>
            <ProgressBar value={0.4} label="Progress" text="Storing" />
            <Countdown until={new Date(Date.now() + 42_000).toISOString()} code="analysis_quota" />
          </Part>
          <Part name="ErrorNotice, ConfirmButton, buttons">
            <ErrorNotice error={new Error('It did not work.')} />
            <p>
              <ConfirmButton name="sample.jpg" onConfirm={nothing}>
                Delete
              </ConfirmButton>{' '}
              {['primary', 'danger', 'link', undefined].map((kind) => (
                <button key={kind ?? ''} type="button" className="ma-button" data-kind={kind}>
                  {kind ?? 'plain'}
                </button>
              ))}
            </p>
          </Part>
        </main>
      </MediaClientProvider>
    </WordsProvider>
  );
}

createRoot(document.querySelector('#root') ?? document.body).render(<Components />);
