/**
 * All media that have a place on a map: those that are near to each other as one picture with their number. What is seen is a list,
 * too, below the map.
 */
import {
  type ReactNode,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react';
import { createPortal } from 'react-dom';
import Supercluster from 'supercluster';
import type { LibraryClient, Media, MediaLocation } from '../../client/index.ts';
import { ErrorNotice } from '../../components/base/error-notice.tsx';
import { keepFocus } from '../../components/base/keep-focus.ts';
import { MapButtons } from '../../components/view/map-buttons.tsx';
import type { LoadTiles } from '../../components/view/map-tiles.ts';
import {
  type Box,
  createWorldMap,
  MOST_TILE_ZOOM,
  type Place,
  WORLD_PX,
  type WorldMap,
  type Mark as WorldMark,
} from '../../components/view/world-map.ts';
import { useWords } from '../../components/words/index.ts';
import type { MediaCache } from '../../hooks/store.ts';
import './library-map.css';
import { mapWordsFor } from './map-words.ts';

/** Pictures that are nearer to each other than this would lie above each other. */
const NEAR_PX = 64;
/** What is first shown of a place, or of places that lie side by side: the land around it. */
const FIRST_ZOOM = 6;
/** So many are in the list at first, and so many more each time. */
const LISTED = 40;

interface LibraryMapProps {
  /** What the page knows: what is new is on the map, too. */
  media: readonly Media[];
  library: LibraryClient;
  cache: MediaCache;
  loadTiles: LoadTiles | undefined;
  /** The picture of a media; undefined: it is not known yet. */
  draw: (media: Media | undefined) => ReactNode;
  /** @param ids What is listed with it. */
  onOpen: (id: string, ids: readonly string[]) => void;
}

/** Pictures near to each other, or a single one. */
interface Cluster extends Place {
  /** Of the newest. */
  id: string;
  count: number;
  /** Absent: it is a single one. */
  clusterId?: number;
}

export function LibraryMap({ media, library, cache, loadTiles, draw, onOpen }: LibraryMapProps) {
  const { language, tryAgain, loadMore } = useWords();
  const words = mapWordsFor(language);
  const { places, isTold, isLoading, error, load } = usePlaces(media, library, cache);
  const element = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLUListElement>(null);
  const [map, setMap] = useState<WorldMap>();
  const [seen, setSeen] = useState<{ zoom: number; box: Box }>();
  /** Of a group that no zoom takes apart. */
  const [chosen, setChosen] = useState<ReadonlySet<string>>();
  const [listed, setListed] = useState(LISTED);
  useEffect(() => {
    if (!element.current) return;
    const made = createWorldMap(element.current, { language, isMoved: true, loadTiles });
    made.onMove(() => {
      setSeen({ zoom: made.zoom, box: made.box });
      setChosen(undefined);
      setListed(LISTED);
    });
    setMap(made);
    return made.remove;
  }, [language, loadTiles]);
  const shown = useRef<{ map: WorldMap; view: string; isWhole: boolean }>(undefined);
  useEffect(() => {
    // What the page knows by itself may be a part of them.
    if (!map || !isTold || places.length === 0) return;
    const before = shown.current?.map === map ? shown.current : undefined;
    // What comes later does not move it under the reader's hand.
    if (before && (before.isWhole || before.view !== viewOf(map))) return;
    map.show(places, FIRST_ZOOM);
    shown.current = { map, view: viewOf(map), isWhole: !isLoading };
  }, [map, places, isTold, isLoading]);

  const index = useMemo(() => indexOf(places), [places]);
  const clusters = useMemo(
    () => (seen ? clustersOf(index, places, seen.zoom, seen.box) : []),
    [index, places, seen],
  );
  const inSight = useMemo(
    () => places.filter((place) => (chosen ? chosen.has(place.media_id) : isIn(place, seen?.box))),
    [places, chosen, seen],
  );
  const pictures = inSight.slice(0, listed);
  const known = useMediaOf(
    [...clusters.map(({ id }) => id), ...pictures.map((each) => each.media_id)],
    library,
    cache,
  );
  // What is deleted elsewhere leaves the map, and may have had the focus.
  // biome-ignore lint/correctness/useExhaustiveDependencies: it looks when something may have left
  useLayoutEffect(() => {
    if (document.activeElement === document.body) keepFocus(element.current);
  }, [places, clusters]);

  const open = (id: string) => {
    const listed = inSight.some(({ media_id }) => media_id === id)
      ? inSight
      : // It is not of the group that was chosen.
        places.filter((place) => isIn(place, seen?.box));
    onOpen(
      id,
      listed.map(({ media_id }) => media_id),
    );
  };
  const press = ({ clusterId, id, ...middle }: Cluster, isByPointer: boolean) => {
    if (!map || (isByPointer && map.wasDragged())) return;
    if (clusterId === undefined) return open(id);
    const leaves = index
      .getLeaves(clusterId, Number.POSITIVE_INFINITY)
      .flatMap(({ properties }) => places[properties.order] ?? []);
    const whole = map.zoomFor(leaves);
    const zoom = Math.max(whole, index.getClusterExpansionZoom(clusterId));
    if (map.zoom < map.mostZoom) {
      map.goTo(zoom > whole ? middle : middleOf(leaves), Math.min(zoom, map.mostZoom));
      return;
    }
    setChosen(new Set(leaves.map(({ media_id }) => media_id)));
    keepFocus(list.current);
    list.current?.scrollTo({ left: 0, top: 0 });
  };
  const nameOf = (id: string) => {
    const { analytics, file_name } = known(id) ?? {};
    return analytics?.title ?? file_name ?? words.unknown;
  };
  return (
    <div className="ma-library-map">
      <div className="ma-library-map-world">
        <MapButtons words={words} onZoom={(step) => map?.zoomBy(step)} />
        {/* Leaflet lets the keyboard reach it. */}
        <section ref={element} className="ma-map" aria-label={words.map} />
        {map &&
          clusters.map((cluster) => (
            <Mark key={cluster.id} map={map} place={cluster}>
              <button
                type="button"
                className="ma-map-picture"
                aria-label={
                  cluster.count > 1 ? words.group(cluster.count) : words.open(nameOf(cluster.id))
                }
                onClick={({ detail }) => press(cluster, detail > 0)}
              >
                {draw(known(cluster.id))}
                {cluster.count > 1 && (
                  <span className="ma-map-count">{cluster.count.toLocaleString(language)}</span>
                )}
              </button>
            </Mark>
          ))}
      </div>
      {error !== undefined && (
        <ErrorNotice error={error}>
          <button type="button" className="ma-button" onClick={load}>
            {tryAgain}
          </button>
        </ErrorNotice>
      )}
      <p className="ma-muted" role="status">
        {places.length === 0
          ? error === undefined && (isLoading ? words.loading : words.none)
          : chosen
            ? words.chosen(inSight.length)
            : words.inSight(inSight.length)}
      </p>
      <ul ref={list} className="ma-map-list" aria-label={words.list} tabIndex={-1}>
        {pictures.map(({ media_id: id }) => (
          <li key={id}>
            <button
              type="button"
              className="ma-map-picture"
              aria-label={words.open(nameOf(id))}
              onClick={() => open(id)}
            >
              {draw(known(id))}
            </button>
          </li>
        ))}
        {inSight.length > listed && (
          <li>
            <button type="button" className="ma-button" onClick={() => setListed(listed + LISTED)}>
              {loadMore}
            </button>
          </li>
        )}
      </ul>
    </div>
  );
}

/** Draws its children at a place of the map. */
function Mark({ map, place, children }: { map: WorldMap; place: Place; children: ReactNode }) {
  const [element] = useState(() => document.createElement('div'));
  const { latitude, longitude } = place;
  const mark = useRef<WorldMark>(undefined);
  const first = useRef(place);
  useLayoutEffect(() => {
    const put = map.put(element, first.current);
    mark.current = put;
    return put.remove;
  }, [map, element]);
  useLayoutEffect(() => mark.current?.moveTo({ latitude, longitude }), [latitude, longitude]);
  return createPortal(children, element);
}

/** The place in the list, which has the newest first. */
interface Order {
  order: number;
}

function indexOf(places: readonly MediaLocation[]): Supercluster<Order, Order> {
  const index = new Supercluster<Order, Order>({
    radius: NEAR_PX,
    extent: WORLD_PX,
    maxZoom: MOST_TILE_ZOOM,
    map: ({ order }) => ({ order }),
    reduce: (all, each) => {
      all.order = Math.min(all.order, each.order);
    },
  });
  return index.load(
    places.map(({ latitude, longitude }, order) => ({
      type: 'Feature',
      properties: { order },
      geometry: { type: 'Point', coordinates: [longitude, latitude] },
    })),
  );
}

function clustersOf(
  index: Supercluster<Order, Order>,
  places: readonly MediaLocation[],
  zoom: number,
  box: Box,
): Cluster[] {
  return index.getClusters(box, Math.round(zoom)).flatMap(({ properties, geometry }) => {
    const [longitude = 0, latitude = 0] = geometry.coordinates;
    const id = places[properties.order]?.media_id;
    if (id === undefined) return [];
    if (!('cluster_id' in properties)) return [{ id, latitude, longitude, count: 1 }];
    const { cluster_id: clusterId, point_count: count } = properties;
    return [{ id, latitude, longitude, count, clusterId }];
  });
}

const viewOf = ({ zoom, box }: WorldMap) => `${zoom} ${box}`;

function isIn({ latitude, longitude }: Place, box: Box | undefined): boolean {
  if (!box) return false;
  const [west, south, east, north] = box;
  return latitude >= south && latitude <= north && longitude >= west && longitude <= east;
}

function middleOf(places: readonly Place[]): Place {
  const middle = (all: number[]) => (Math.min(...all) + Math.max(...all)) / 2;
  return {
    latitude: middle(places.map(({ latitude }) => latitude)),
    longitude: middle(places.map(({ longitude }) => longitude)),
  };
}

/** Where the media of the library were taken, the newest first: those that were told, and what the page has learnt since. */
function usePlaces(media: readonly Media[], library: LibraryClient, cache: MediaCache) {
  const [told, setTold] = useState<readonly MediaLocation[]>([]);
  const [state, setState] = useState<{ isLoading: boolean; error?: unknown }>({ isLoading: true });
  const [attempt, setAttempt] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each attempt asks anew
  useEffect(() => {
    const ends = new AbortController();
    const { signal } = ends;
    const read = async () => {
      const all: MediaLocation[] = [];
      for (let pageToken: string | undefined; ; ) {
        const page = await library.locations({ pageToken, signal });
        all.push(...page.locations);
        if (signal.aborted) return;
        setTold([...all]);
        pageToken = page.next_page_token;
        if (pageToken === undefined) break;
      }
      setState({ isLoading: false });
    };
    setState({ isLoading: true });
    read().catch((error: unknown) => signal.aborted || setState({ isLoading: false, error }));
    return () => ends.abort();
  }, [library, attempt]);
  const changes = useSyncExternalStore(cache.subscribe, () => `${cache.dropped} ${cache.changes}`);
  const wasTold = useMemo(() => new Set(told.map(({ media_id }) => media_id)), [told]);
  const learnt = media.flatMap(({ id, analytics }) => {
    const place = analytics?.capture?.place;
    return place && !wasTold.has(id) ? [{ media_id: id, ...place }] : [];
  });
  const learntIds = learnt.map(({ media_id }) => media_id).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the list of the page is another one with each step of an upload
  const places = useMemo(
    () => [...learnt, ...told].filter(({ media_id }) => !cache.isGone(media_id)),
    [told, learntIds, changes, cache],
  );
  const isTold = told.length > 0 || !state.isLoading;
  return { places, isTold, ...state, load: () => setAttempt(attempt + 1) };
}

/** What is known of these media. What is not is asked for. */
function useMediaOf(
  ids: readonly string[],
  library: LibraryClient,
  cache: MediaCache,
): (id: string) => Media | undefined {
  const asked = useRef(new Set<string>());
  useSyncExternalStore(cache.subscribe, () =>
    ids.map((id) => cache.get(id)?.revision ?? -1).join(),
  );
  const unknown = [...new Set(ids)].filter((id) => !cache.get(id) && !cache.isGone(id));
  const key = unknown.join();
  useEffect(() => {
    const next = key.split(',').filter((id) => id !== '' && !asked.current.has(id));
    if (next.length === 0) return;
    for (const id of next) asked.current.add(id);
    library.get(next).then(
      (media) => cache.put(...media),
      // Once the map is moved, they are asked for again.
      () => {
        for (const id of next) asked.current.delete(id);
      },
    );
  }, [library, cache, key]);
  return (id) => cache.get(id);
}
