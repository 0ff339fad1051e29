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
  /** Address of the API, e.g. `https://api.example.com`; by default the page's own origin. */
  baseUrl?: string | undefined;
  /** Address of the event stream; by default `baseUrl`. */
  streamUrl?: string | undefined;
  /** Returns the signed-in user's token. It may be another function at each render. Without it, requests carry no token. */
  getToken?: GetToken | undefined;
  /**
   * The signed-in user. With it, files survive a reload and all tabs of the browser share one stream; another user gets another
   * list. Without `getToken`, everybody is the same user.
   */
  userId?: string | undefined;
  /** BCP 47, such as `ja`: the language of texts and results. By default from the `WordsProvider` around it, or the browser. */
  language?: string | undefined;
  /** Address of your sample photo, offered while the library is empty. By default no sample is offered. */
  sampleUrl?: string | undefined;
  /** Your own client, in place of a client made from the properties above. */
  client?: MediaClient | undefined;
}

/**
 * Shows the whole app as one part of a page: upload area, progress, and the gallery with search, full view, bin and export. It
 * takes the width of its parent, and leaves the address and the title of the page alone. Render it once, because users can
 * drop and paste files anywhere.
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
  // The server does not know the browser's data: both first render the empty upload area, hidden for a second.
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
  // The owner of a token is not known: another tab may belong to another user.
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
