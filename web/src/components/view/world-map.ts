/**
 * A map of the world in an element, by Leaflet. It shows outlines of countries, which are files of the page: nobody else is asked,
 * unless the operator has set tiles of a map service, which lie above them.
 */
import {
  type Coords,
  control,
  type DoneCallback,
  divIcon,
  GridLayer,
  type GridLayerOptions,
  geoJSON,
  type LatLngBounds,
  latLngBounds,
  layerGroup,
  map as mapIn,
  marker,
  point,
} from 'leaflet';
import type * as CityLabels from './city-labels.ts';
import { isNear, type LabelBox, LINE_PX, widthOf } from './label-box.ts';
import type { LoadTiles, MapTiles } from './map-tiles.ts';
import { countryNames, shapes } from './outlines.ts';
import './world-map.css';

export interface Place {
  latitude: number;
  longitude: number;
}

/** West, south, east, north. */
export type Box = [number, number, number, number];

export interface WorldMap {
  /** Each one more shows all twice as large. */
  readonly zoom: number;
  /** The highest of them. */
  readonly mostZoom: number;
  /** What is seen. */
  readonly box: Box;
  /** Calls back when another part of the world is seen, or it is seen larger or smaller. */
  onMove: (listener: () => void) => void;
  /** Shows this place, or all these places, as large as they fit in. */
  show: (places: readonly Place[], mostZoom: number) => void;
  /** Goes there in one movement. */
  goTo: (place: Place, zoom: number) => void;
  zoomBy: (step: 1 | -1) => void;
  /** The zoom at which all of these fit in. */
  zoomFor: (places: readonly Place[]) => number;
  /** Whether the pointer that was just released has moved the map. */
  wasDragged: () => boolean;
  /** Puts the middle of an element at a place. */
  put: (element: HTMLElement, place: Place) => Mark;
  remove: () => void;
}

export interface Mark {
  /** The element stays in the document, with its focus. */
  moveTo: (place: Place) => void;
  remove: () => void;
}

interface Cities extends Pick<typeof CityLabels, 'labelsOf'> {
  all: CityLabels.City[];
}

interface Options {
  /** Of the names of countries. */
  language: string;
  /** Whether it can be moved, by pointer and by keyboard. */
  isMoved: boolean;
  loadTiles: LoadTiles | undefined;
  /** Called when there are tiles. */
  onTiles?: (map: WorldMap) => void;
}

/** Outlines have nothing to show beyond it. */
const MOST_ZOOM = 14;
/** Each map service has tiles so far. */
export const MOST_TILE_ZOOM = 18;
const LEAST_ZOOM = 0;
/** How large Leaflet draws the world at zoom 0. */
export const WORLD_PX = 256;
/** So that places fit in without much room around them. */
const SNAP = 0.25;
/** Whose the names of cities are: their licence asks for it. In the details of a photo it stands beside its place. */
const SOURCE = '© GeoNames https://www.geonames.org';
/** More than the pixels between two places that are seen. */
const ABOVE = 100_000;

const WORLD: [number, number][] = [
  [-85, -180],
  [85, 180],
];

export function createWorldMap(
  element: HTMLElement,
  { language, isMoved, loadTiles, onTiles }: Options,
): WorldMap {
  const isStill = matchMedia('(prefers-reduced-motion: reduce)').matches;
  const world = mapIn(element, {
    center: [20, 0],
    zoom: 1,
    minZoom: LEAST_ZOOM,
    maxZoom: MOST_ZOOM,
    zoomSnap: SNAP,
    maxBounds: latLngBounds(WORLD).pad(0.1),
    maxBoundsViscosity: 1,
    zoomControl: false,
    attributionControl: false,
    zoomAnimation: !isStill,
    fadeAnimation: !isStill,
    inertia: !isStill,
    dragging: isMoved,
    keyboard: isMoved,
    scrollWheelZoom: isMoved,
    boxZoom: isMoved,
    doubleClickZoom: isMoved,
    touchZoom: isMoved,
  });
  if (isMoved) control.scale({ imperial: false }).addTo(world);
  let isDragged = false;
  element.addEventListener('pointerdown', () => {
    isDragged = false;
  });
  world.on('dragstart', () => {
    isDragged = true;
  });
  world.createPane('land');
  for (const shape of shapes) {
    geoJSON(shape, { pane: 'land', interactive: false, style: { className: 'ma-map-land' } }).addTo(
      world,
    );
  }
  const names = layerGroup().addTo(world);
  const write = (text: string, className: string, at: [number, number]) => {
    const icon = divIcon({ className, html: spanOf(text), iconSize: [0, 0] });
    marker(at, { icon, interactive: false, keyboard: false, zIndexOffset: -ABOVE }).addTo(names);
  };
  const countries = countryNames(language).sort((a, b) => b.width - a.width);
  let cities: Cities | undefined;
  const writeNames = () => {
    names.clearLayers();
    const seen = world.getBounds();
    const zoom = world.getZoom();
    const pixels = (WORLD_PX * 2 ** zoom) / 360;
    const taken: LabelBox[] = [];
    for (const { text, latitude, longitude, width } of countries) {
      const at: [number, number] = [latitude, longitude];
      const wide = widthOf(text);
      if (width * pixels < wide || !seen.contains(at)) continue;
      const { x, y } = world.latLngToContainerPoint(at);
      const box = { x: x - wide / 2, y: y - LINE_PX / 2, width: wide, height: LINE_PX };
      if (taken.some((other) => isNear(box, other, 0))) continue;
      taken.push(box);
      write(text, 'ma-map-name', at);
    }
    if (!cities) return;
    const pointOf = ({ latitude, longitude }: Place) => {
      const at: [number, number] = [latitude, longitude];
      return seen.contains(at) ? world.latLngToContainerPoint(at) : undefined;
    };
    for (const { text, latitude, longitude } of cities.labelsOf(cities.all, zoom, pointOf, taken))
      write(text, 'ma-map-name ma-map-city', [latitude, longitude]);
  };
  writeNames();
  world.on('moveend', writeNames);
  let isRemoved = false;
  /** What is shown once the map has a size: before, nothing can be in its middle. */
  let awaited: (() => void) | undefined;
  const hasSize = () => element.clientWidth > 0 && element.clientHeight > 0;
  const sizes = new ResizeObserver(() => {
    const { x, y } = world.getSize();
    // Leaflet follows the size of the window by itself. It does not see that an element was hidden, and is seen now.
    if (!hasSize() || (x > 0 && y > 0 && !awaited)) return;
    world.invalidateSize();
    awaited?.();
  });
  sizes.observe(element);
  // Without them there are the countries.
  import('./city-labels.ts').then(
    ({ citiesIn, labelsOf }) => {
      cities = { all: citiesIn(language), labelsOf };
      if (!isRemoved) writeNames();
    },
    () => undefined,
  );
  let credit: HTMLElement | undefined;
  const say = (attribution: string) => {
    credit?.remove();
    credit = creditOf(attribution);
    // Within the picture that a small map is, a link would not be reached.
    element.after(credit);
  };
  if (isMoved) say(SOURCE);
  const showTiles = ({ tiles, attribution }: MapTiles) => {
    new Tiles({ maxZoom: MOST_TILE_ZOOM, noWrap: true }, tiles).addTo(world);
    world.setMaxZoom(MOST_TILE_ZOOM);
    // Between two zooms, tiles are blurred.
    world.options.zoomSnap = 1;
    world.off('moveend', writeNames);
    names.remove();
    say(attribution);
    onTiles?.(made);
  };
  void loadTiles?.().then((tiles) => tiles && !isRemoved && showTiles(tiles));
  const move = { animate: !isStill };
  const made: WorldMap = {
    get zoom() {
      return world.getZoom();
    },
    get mostZoom() {
      return world.getMaxZoom();
    },
    get box(): Box {
      const seen = world.getBounds();
      return [
        Math.max(seen.getWest(), -180),
        Math.max(seen.getSouth(), -90),
        Math.min(seen.getEast(), 180),
        Math.min(seen.getNorth(), 90),
      ];
    },
    onMove: (listener) => void world.on('moveend', listener),
    show: (places, maxZoom) => {
      if (places.length === 0) return;
      const show = () => {
        awaited = undefined;
        world.fitBounds(boundsOf(places), { ...PADDED, maxZoom });
      };
      if (hasSize()) show();
      else awaited = show;
    },
    goTo: ({ latitude, longitude }, zoom) => void world.setView([latitude, longitude], zoom, move),
    zoomBy: (step) => void world.setZoom(world.getZoom() + step, move),
    zoomFor: (places) => world.getBoundsZoom(boundsOf(places), false, point(96, 96)),
    wasDragged: () => isDragged,
    put: (html, { latitude, longitude }) => {
      const icon = divIcon({ className: 'ma-map-mark', html, iconSize: [0, 0] });
      const own = marker([latitude, longitude], { icon, keyboard: false, riseOnHover: true });
      own.addTo(world);
      // The one that is meant lies above those beside it.
      const rise = ({ type }: Event) => own.setZIndexOffset(type === 'focusin' ? ABOVE : 0);
      html.addEventListener('focusin', rise);
      html.addEventListener('focusout', rise);
      return {
        moveTo: (next) => void own.setLatLng([next.latitude, next.longitude]),
        remove: () => {
          html.removeEventListener('focusin', rise);
          html.removeEventListener('focusout', rise);
          own.remove();
        },
      };
    },
    remove: () => {
      isRemoved = true;
      sizes.disconnect();
      credit?.remove();
      world.remove();
    },
  };
  return made;
}

const PADDED = { padding: [48, 48] as [number, number], animate: false };

const boundsOf = (places: readonly Place[]): LatLngBounds =>
  latLngBounds(places.map(({ latitude, longitude }): [number, number] => [latitude, longitude]));

/** In place of Leaflet's own, which gives a tile that it drops a `data:` address: the page's policy refuses it. */
class Tiles extends GridLayer {
  readonly #address: string;

  constructor(options: GridLayerOptions, address: string) {
    super(options);
    this.#address = address;
  }

  override createTile({ x, y, z }: Coords, done: DoneCallback): HTMLElement {
    // Map services want to know which page asks; the page tells nobody else. Its address has no path.
    const tile = Object.assign(document.createElement('img'), {
      alt: '',
      referrerPolicy: 'origin',
    });
    tile.onload = () => done(undefined, tile);
    tile.onerror = () => done(new Error('A tile of the map did not come.'), tile);
    tile.src = this.#address
      .replace('{z}', String(z))
      .replace('{x}', String(x))
      .replace('{y}', String(y));
    return tile;
  }
}

function creditOf(attribution: string): HTMLElement {
  const credit = Object.assign(document.createElement('p'), { className: 'ma-map-credit' });
  for (const part of attribution.split(/(https:\/\/\S+)/)) {
    const isLink = part.startsWith('https://');
    credit.append(
      isLink
        ? Object.assign(document.createElement('a'), {
            href: part,
            target: '_blank',
            rel: 'noreferrer',
            textContent: part.split('/')[2],
          })
        : part,
    );
  }
  return credit;
}

function spanOf(text: string): HTMLElement {
  return Object.assign(document.createElement('span'), { textContent: text });
}
