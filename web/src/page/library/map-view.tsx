/**
 * The map of the library: its button, where a photo has a place, and its dialog. On the page the address says that it is open:
 * `?view=map` is a link to it, and Back closes it. A photo is opened above it.
 */
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import {
  type LibraryClient,
  libraryOf,
  type Media,
  type MediaFilters,
} from '../../client/index.ts';
import { useModal } from '../../components/base/use-modal.ts';
import { Thumbnail } from '../../components/card/thumbnail.tsx';
import { MapIcon } from '../../components/view/view-icons.tsx';
import { useWords } from '../../components/words/index.ts';
import { useMediaCache, useMediaClient } from '../../hooks/context.ts';
import type { MediaListState } from '../../hooks/index.ts';
import { lazyPart } from '../loading/lazy-part.tsx';
import type { Entry } from './entries.ts';
import { loadTiles } from './load-tiles.ts';
import './map-view.css';
import { PageDialog } from '../shell/page-dialog.tsx';

const LibraryMap = lazyPart(
  async () => (await import('./library-map.tsx')).LibraryMap,
  <div className="ma-library-map" />,
);

interface MapViewProps {
  /** Whether it is on a page of its own, and not in an app. */
  isPage: boolean;
  /** What the page knows of the library, or of a search. */
  entries: readonly Entry[];
  list: MediaListState;
  search: MediaFilters | undefined;
  /** @param ids Among which one turns then. */
  onOpen: (id: string, ids: readonly string[]) => void;
}

const placeOf = ({ analytics }: Media) => analytics?.capture?.place ?? undefined;

export function MapView({ isPage, entries, list, search, onOpen }: MapViewProps) {
  const { language } = useWords();
  const media = useMemo(() => entries.flatMap((each) => each.media ?? []), [entries]);
  const [isOpen, setIsOpen] = useMapAddress(isPage, search);
  const client = useMediaClient();
  const library = useMemo(() => libraryOf(client), [client]);
  const hasPlaces = useHasPlaces(media, library, list.hasMore || search !== undefined);
  const name = language === 'ja' ? '地図' : 'Map';
  return (
    <>
      {hasPlaces && (
        <button type="button" className="ma-button" onClick={() => setIsOpen(true)}>
          <MapIcon />
          {name}
        </button>
      )}
      {isOpen && (
        <MapDialog {...{ isPage, name, media, library, onOpen }} onClose={() => setIsOpen(false)} />
      )}
    </>
  );
}

interface MapDialogProps extends Pick<MapViewProps, 'isPage' | 'onOpen'> {
  media: readonly Media[];
  name: string;
  library: LibraryClient;
  onClose: () => void;
}

function MapDialog({ isPage, name, media, library, onOpen, onClose }: MapDialogProps) {
  const cache = useMediaCache();
  return (
    <PageDialog modal={useModal(onClose)} className="ma-map-view" title={name}>
      <LibraryMap
        {...{ media, library, cache, draw, onOpen }}
        loadTiles={isPage ? loadTiles : undefined}
      />
    </PageDialog>
  );
}

// A part that imports it would have the build load what it needs with the page, in a file of its own.
const draw = (media: Media | undefined) => <Picture media={media} />;

function Picture({ media }: { media: Media | undefined }) {
  return (
    <Thumbnail
      mediaId={media?.url == null ? undefined : media.id}
      file={undefined}
      isVideo={media?.content_type.startsWith('video/') === true}
      hasPoster={media?.frames !== undefined}
      held={media?.held}
    />
  );
}

/** Whether a media of the library has a place. What is not loaded is asked for once. */
function useHasPlaces(media: readonly Media[], library: LibraryClient, isMore: boolean): boolean {
  const [hasPlaces, setHasPlaces] = useState(false);
  const isSeen = hasPlaces || media.some(placeOf);
  if (isSeen && !hasPlaces) setHasPlaces(true);
  const isAsked = isMore && !isSeen;
  useEffect(() => {
    if (!isAsked) return;
    const ends = new AbortController();
    library.locations({ limit: 1, signal: ends.signal }).then(
      ({ locations }) => setHasPlaces(locations.length > 0),
      // The list says it if the service cannot be reached.
      () => undefined,
    );
    return () => ends.abort();
  }, [library, isAsked]);
  return isSeen;
}

const NAME = 'view';
const MAP = 'map';

function addressWith(view: string | undefined): string {
  const url = new URL(location.href);
  if (view === undefined) url.searchParams.delete(NAME);
  else url.searchParams.set(NAME, view);
  return url.href;
}

const isInAddress = () => new URLSearchParams(location.search).get(NAME) === MAP;

/** @param isPage Otherwise the address belongs to an app, and is left alone. */
function useMapAddress(isPage: boolean, search: MediaFilters | undefined) {
  const [isOpen, setIsOpen] = useState(() => isPage && isInAddress());
  useEffect(() => {
    if (!isPage) return;
    const follow = () => setIsOpen(isInAddress());
    addEventListener('popstate', follow);
    return () => {
      removeEventListener('popstate', follow);
      // The last photo was deleted: the next one is seen in the list.
      if (isInAddress()) history.replaceState(history.state, '', addressWith(undefined));
    };
  }, [isPage]);
  // What is searched for from a photo of the map is a list.
  const searched = useRef(search);
  useEffect(() => {
    if (searched.current !== search) setIsOpen(isPage && isInAddress());
    searched.current = search;
  }, [isPage, search]);
  const change = useCallback(
    (next: boolean) => {
      setIsOpen(next);
      if (!isPage || next === isInAddress()) return;
      if (next) history.pushState({ ...history.state, isMapFromList: true }, '', addressWith(MAP));
      else if (history.state?.isMapFromList) history.back();
      // It was opened by a link: what is one step back is another page.
      else history.replaceState(null, '', addressWith(undefined));
    },
    [isPage],
  );
  return [isOpen, change] as const;
}
