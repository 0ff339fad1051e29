/** The upload area at the top, the cards of all media below: as the page, and as a part of an app. */
import {
  type ComponentType,
  type ReactNode,
  useCallback,
  useEffect,
  useMemo,
  useState,
} from 'react';
import type { MediaFilters } from '../client/index.ts';
import { AnalysisChoice } from '../components/analysis-choice.tsx';
import { ErrorNotice } from '../components/error-notice.tsx';
import { PhotoUpload } from '../components/photo-upload.tsx';
import { UploadProgress } from '../components/upload-progress.tsx';
import { useWords } from '../components/words/index.ts';
import {
  type BatchSummary,
  useAnalyses,
  useAnalyzeMedia,
  useMediaAnalysisSSE,
  useMediaList,
  useMediaSearch,
} from '../hooks/index.ts';
import { BatchTime } from './batch-time.ts';
import { useChosenAnalyses } from './chosen-analyses.ts';
import { entriesOf } from './entries.ts';
import { Gallery } from './gallery.tsx';
import { PageHeader } from './header.tsx';
import { NotWhole } from './not-whole-lazy.tsx';
import { Notices } from './notices-lazy.tsx';
import { Search } from './search-lazy.tsx';
import { Shared } from './shared-lazy.tsx';
import { useBatch, useEarlierBatch } from './use-batch.ts';

interface AppProps {
  /** Who is signed in; absent: the page knows nobody. */
  account?: ReactNode;
  /** Whose files the browser may keep until they are accepted; absent: it keeps none. */
  keepFor?: string | undefined;
  /** Where a photo lies that is offered to try with, while there is nothing yet; absent: none is offered. */
  sampleUrl?: string | undefined;
}

export const App = ({ account, ...board }: AppProps) => (
  <>
    <PageHeader>{account}</PageHeader>
    <main className="page-main ma-board">
      <Board {...board} page={{ NotWhole, Shared, Notices }} />
    </main>
  </>
);

interface BoardProps extends Omit<AppProps, 'account'> {
  /** What only the page has: it owns its address, its title and its scrolling. Absent: the board is in an app. */
  page?: {
    NotWhole: ComponentType;
    Shared: ComponentType<{ onFiles: (files: File[]) => void }>;
    Notices: ComponentType<{ batch: BatchSummary }>;
  };
}

export function Board({ keepFor, sampleUrl, page }: BoardProps) {
  const words = useWords();
  const isPage = page !== undefined;
  const catalog = useAnalyses();
  const [chosen, choose] = useChosenAnalyses(catalog);
  const sending = useAnalyzeMedia({ language: words.language, analyses: chosen, keepFor });
  const { uploads, mediaIds, isSending, isRestored } = sending;
  const { analyze, sendAgain, cancel, dismiss } = sending;
  const list = useMediaList();
  const earlier = useEarlierBatch();
  const [filters, setFilters] = useState<MediaFilters>();
  const found = useMediaSearch(filters);
  const ids = useMemo(
    () => [...new Set([...mediaIds, ...earlier, ...list.ids, ...found.ids])],
    [mediaIds, earlier, list.ids, found.ids],
  );
  const { media, goneIds, connection, error, resume } = useMediaAnalysisSSE(ids);
  const [actionError, setActionError] = useState<unknown>();
  useWarningWhile(isSending);
  // When the user signs out, nothing more is sent in their name.
  useEffect(() => cancel, [cancel]);

  // A batch is whole, and stays in its order; the list may be loaded only in part.
  const entries = useMemo(
    () => entriesOf(uploads, list.ids, media, earlier),
    [uploads, list.ids, media, earlier],
  );
  const batch = useBatch(entries, earlier, media, goneIds, isRestored);
  const [batchTime] = useState(() => new BatchTime());
  const { progress, secondsLeft } = batchTime.of(batch, sending.secondsLeft, Date.now());
  const isEmpty = entries.length === 0;
  const matches = useMemo(() => entriesOf([], found.ids, media), [found.ids, media]);
  const onSimilar = useCallback((id: string) => setFilters({ similar_to: id }), []);

  const onFiles = useCallback(
    (files: File[]) => {
      setActionError(undefined);
      void analyze(files);
      if (isPage) scrollTo({ top: 0 });
    },
    [analyze, isPage],
  );
  const onSendAgain = useCallback((...keys: string[]) => void sendAgain(...keys), [sendAgain]);

  return (
    <>
      {page && (!list.isLoading || list.ids.length > 0) && <page.NotWhole />}
      <PhotoUpload onFiles={onFiles} isCompact={!isEmpty}>
        <AnalysisChoice analyses={catalog.analyses} chosen={chosen} onChange={choose} />
      </PhotoUpload>
      {page && <page.Shared onFiles={onFiles} />}
      {error !== undefined && (
        <ErrorNotice error={error}>
          <button type="button" className="ma-button" onClick={resume}>
            {words.tryAgain}
          </button>
        </ErrorNotice>
      )}
      {actionError !== undefined && <ErrorNotice error={actionError} />}
      {batch.total > 0 && (
        <UploadProgress
          batch={{ ...batch, progress }}
          connection={connection}
          secondsLeft={secondsLeft}
          isPaused={sending.isPaused}
          onPause={isSending ? sending.pause : undefined}
          onCancel={isSending ? cancel : undefined}
        >
          {page && <page.Notices batch={batch} />}
        </UploadProgress>
      )}
      {(!isEmpty || filters) && (
        <Search
          found={found}
          similarTo={media.get(filters?.similar_to ?? '')}
          onSearch={setFilters}
        />
      )}
      <Gallery
        isPage={isPage}
        sampleUrl={sampleUrl}
        entries={filters ? matches : entries}
        list={filters ? found : list}
        search={filters}
        onSimilar={onSimilar}
        onFiles={onFiles}
        onSendAgain={onSendAgain}
        onDismiss={dismiss}
        onError={setActionError}
      />
    </>
  );
}

/** Makes the browser ask before the user leaves the page while files are being sent. */
function useWarningWhile(isSending: boolean): void {
  useEffect(() => {
    if (!isSending) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener('beforeunload', warn);
    return () => removeEventListener('beforeunload', warn);
  }, [isSending]);
}
