import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import {
  createMediaClient,
  cutVideoFrames,
  type GetToken,
  type MediaClient,
} from '../client/index.ts';
import { PhotoUpload, useWords, WordsProvider, wordsFor } from '../components/index.ts';
import { MediaClientProvider, shareTabs } from '../hooks/index.ts';
import { Board } from '../page/shell/app.tsx';
import '../page/shell/board.css';
import './media-analysis.css';

/** Properties of `MediaAnalysis`. None is needed on the API's own origin without sign-in. */
export interface MediaAnalysisProps {
  /** Where the API is, e.g. `https://api.example.com`; by default the page's own origin. */
  baseUrl?: string | undefined;
  /** Where the event stream is; by default at `baseUrl`. */
  streamUrl?: string | undefined;
  /** Returns the signed-in user's token. It may be another function at each render. Without it, requests carry no token. */
  getToken?: GetToken | undefined;
  /**
   * Who is signed in. With it, files outlive a reload and all tabs of the browser share one stream; another user gets another
   * list. Without `getToken`, everybody is the same user.
   */
  userId?: string | undefined;
  /** BCP 47, such as `ja`: the language of texts and results. By default that of the `WordsProvider` around it, or the browser's. */
  language?: string | undefined;
  /** The address of a photo of yours that is offered to try with, while there is nothing yet. Without it, none is offered. */
  sampleUrl?: string | undefined;
  /** A client of your own, in place of the one that is made of the properties above. */
  client?: MediaClient | undefined;
}

/**
 * The whole as one part of a page: upload area, progress, and the gallery with search, full view, bin and export. Its width is
 * that of what is around it. It leaves the address of the page and its title alone; render it once, because files can be
 * dropped and pasted anywhere.
 * @example
 * import { MediaAnalysis } from '@media-analysis/react';
 * import '@media-analysis/react/styles.css';
 *
 * const getToken = ({ refresh = false }) => auth.currentUser?.getIdToken(refresh);
 * export const Photos = () => <MediaAnalysis baseUrl="https://media.example.com" getToken={getToken} />;
 */
export function MediaAnalysis({ language, ...props }: MediaAnalysisProps) {
  const around = useWords();
  const words = language === undefined ? around : wordsFor([language]);
  // The server knows nothing of what the browser remembers, so the first picture of both is the empty upload area, unseen for a second.
  const isInBrowser = useSyncExternalStore(
    never,
    () => true,
    () => false,
  );
  const { baseUrl, streamUrl, userId } = props;
  return (
    <WordsProvider value={words}>
      <div className="ma-app ma-board" lang={words.language}>
        {isInBrowser ? (
          <OwnBoard key={JSON.stringify([baseUrl, streamUrl, userId])} {...props} />
        ) : (
          <>
            <span className="ma-unknown" hidden={true} />
            <PhotoUpload onFiles={ignore} />
          </>
        )}
      </div>
    </WordsProvider>
  );
}

const never = () => ignore;
const ignore = () => undefined;

/** The board of one user, with a memory of its own. */
function OwnBoard(props: Omit<MediaAnalysisProps, 'language'>) {
  const { baseUrl, streamUrl, getToken, userId, sampleUrl, client: given } = props;
  const latest = useRef(getToken);
  useEffect(() => {
    latest.current = getToken;
  }, [getToken]);
  const [made] = useState(() =>
    createMediaClient({
      baseUrl,
      streamUrl,
      getToken: getToken && ((options) => latest.current?.(options)),
      cutFrames: cutVideoFrames,
    }),
  );
  const client = given ?? made;
  // Whose token it is, is not known: another tab may belong to another user.
  const owner = userId ?? (getToken || given ? undefined : '');
  useEffect(() => {
    if (owner !== undefined) return shareTabs(client, owner);
  }, [client, owner]);
  return (
    <MediaClientProvider value={client}>
      <Board keepFor={owner} sampleUrl={sampleUrl} />
    </MediaClientProvider>
  );
}
