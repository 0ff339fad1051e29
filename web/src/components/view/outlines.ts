/** The outlines and names of countries, from the page's own files: what a map shows without a map service. */
import { feature } from 'topojson-client';
import atlas from 'world-atlas/countries-50m.json';
import { cutRing } from '../card/cut-ring.ts';

/** East and north, in degrees. */
type Position = number[];

/** As GeoJSON has it. */
interface Shape {
  type: 'MultiPolygon';
  coordinates: Position[][][];
}

interface Country {
  shape: Shape;
  id: string | number | undefined;
}

const countries: readonly Country[] = feature(atlas, atlas.objects.countries).features.map(
  ({ id, geometry }) => ({ id, shape: flat(geometry) }),
);

export const shapes: readonly Shape[] = countries.map(({ shape }) => shape);

interface CountryName {
  text: string;
  latitude: number;
  longitude: number;
  /** How wide its largest part is, in degrees. */
  width: number;
}

/** The name of each country, in the middle of its largest part. */
export function countryNames(language: string): CountryName[] {
  const names = new Intl.DisplayNames(language, { type: 'region' });
  return countries.flatMap(({ id, shape }) => {
    const code = codeOf(id);
    const text = code && names.of(code);
    return text ? [{ text, ...middleOf(largestPart(shape)) }] : [];
  });
}

/** Each browser knows the number of ISO 3166 as an alias of the code. Some parts of the world have none. */
function codeOf(id: string | number | undefined): string | undefined {
  return id === undefined ? undefined : new Intl.Locale(`und-${id}`).region;
}

/** On a flat map, the outlines end at the 180th meridian. */
function flat(geometry: GeoJSON.Geometry): Shape {
  const polygons =
    geometry.type === 'Polygon'
      ? [geometry.coordinates]
      : geometry.type === 'MultiPolygon'
        ? geometry.coordinates
        : [];
  const coordinates = polygons.flatMap(([outer = [], ...holes]) => {
    const parts = cutRing(outer);
    // Nothing that is cut has a hole.
    return parts.length === 1 ? [[...parts, ...holes]] : parts.map((part) => [part]);
  });
  return { type: 'MultiPolygon', coordinates };
}

function largestPart({ coordinates }: Shape): Position[] {
  const outer = coordinates.map(([ring = []]) => ring);
  const areas = outer.map(areaOf);
  return outer[areas.indexOf(Math.max(...areas))] ?? [];
}

const turnsOf = (ring: readonly Position[]) =>
  ring.slice(1).map(([x2 = 0, y2 = 0], n) => {
    const [x1 = 0, y1 = 0] = ring[n] ?? [];
    return { x: x1 + x2, y: y1 + y2, turn: x1 * y2 - x2 * y1 };
  });

/** Twice of it, in square degrees. */
const areaOf = (ring: readonly Position[]) =>
  Math.abs(turnsOf(ring).reduce((sum, { turn }) => sum + turn, 0));

/** https://en.wikipedia.org/wiki/Centroid#Of_a_polygon */
function middleOf(ring: readonly Position[]): Omit<CountryName, 'text'> {
  let [area, x, y] = [0, 0, 0];
  for (const each of turnsOf(ring)) {
    area += each.turn;
    x += each.x * each.turn;
    y += each.y * each.turn;
  }
  const easts = ring.map(([east = 0]) => east);
  return {
    longitude: x / (3 * area),
    latitude: y / (3 * area),
    width: Math.max(...easts) - Math.min(...easts),
  };
}
