/**
 * The name of the place at some coordinates, without a network: of GeoNames' places (https://www.geonames.org, CC BY 4.0), which
 * `deploy/place-names.ts` packs into `place-names.br`. It is loaded with the first photo that has a place.
 */
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { brotliDecompress } from 'node:zlib';
import type { Analytics } from '@media-analysis/shared/analytics';

type Capture = Partial<Analytics['capture']>;
type CapturePlace = NonNullable<Capture['place']>;
type PlaceName = Omit<CapturePlace, 'latitude' | 'longitude'>;

const FILE = new URL('./place-names.br', import.meta.url);

/** Farther from every place, a photo is of none: the sea, a desert. */
const MAX_KM = 50;
/** So far from all places, not even the country is sure. */
const MAX_COUNTRY_KM = 500;

const KM_PER_DEGREE = 111.2;
/** Of people in a square kilometre of a city: from how many there are follows how far it reaches. */
const DENSITY = 4_000;
/** A city of so many times the people, in whose inner half a town lies, is the one that people name: London, not Lambeth. */
const MUCH_LARGER = 5;

interface Region {
  country: string;
  name: string;
  japanese: string;
}

interface Gazetteer {
  regions: readonly Region[];
  /** The number of its region. Places of one region stand together. */
  regionOf: Uint16Array;
  /** Degrees. */
  latitudes: Float32Array;
  longitudes: Float32Array;
  /** How far it reaches, in km; 0: a section of a city, without a name. */
  reaches: Float32Array;
  nameOf: (place: number) => string;
  japaneseOf: (place: number) => string;
}

let gazetteer: Promise<Gazetteer> | undefined;

/** What is said of a place that has no name yet is said with it. */
export async function withPlaceName<C extends Capture>(capture: C): Promise<C> {
  const { place } = capture;
  if (!place || place.country !== undefined) return capture;
  return {
    ...capture,
    place: { ...place, ...(await placeNameAt(place.latitude, place.longitude)) },
  };
}

/** @returns undefined far from all places */
export async function placeNameAt(
  latitude: number,
  longitude: number,
): Promise<PlaceName | undefined> {
  gazetteer ??= load();
  // A file that could not be read is tried again with the next photo.
  gazetteer.catch(() => {
    gazetteer = undefined;
  });
  return nameAt(await gazetteer, latitude, longitude);
}

function nameAt(all: Gazetteer, latitude: number, longitude: number): PlaceName | undefined {
  const { latitudes, longitudes, regionOf, regions } = all;
  const kmPerEast = KM_PER_DEGREE * Math.cos((latitude * Math.PI) / 180);
  const distanceOf = (place: number) => {
    const north = ((latitudes[place] ?? 0) - latitude) * KM_PER_DEGREE;
    return Math.hypot(north, eastOf(longitudes[place] ?? 0, longitude) * kmPerEast);
  };
  // The nearest one on each side, and of all: north-east, north-west, south-east, south-west.
  const sides = [-1, -1, -1, -1];
  const least = [Infinity, Infinity, Infinity, Infinity];
  for (let place = 0; place < latitudes.length; place++) {
    const north = ((latitudes[place] ?? 0) - latitude) * KM_PER_DEGREE;
    if (north > MAX_COUNTRY_KM || north < -MAX_COUNTRY_KM) continue;
    const east = eastOf(longitudes[place] ?? 0, longitude) * kmPerEast;
    const side = (north < 0 ? 2 : 0) + (east < 0 ? 1 : 0);
    const squared = north * north + east * east;
    if (squared >= (least[side] ?? 0)) continue;
    least[side] = squared;
    sides[side] = place;
  }
  const km = Math.sqrt(Math.min(...least));
  const nearest = sides[least.indexOf(Math.min(...least))] ?? -1;
  const region = regions[regionOf[nearest] ?? -1];
  if (region === undefined) return undefined;
  const { country } = region;
  if (km > MAX_KM) {
    // Only where all around is of one country: a coast has a side without places.
    const isInside = sides.every((place, side) => {
      const { country: other } = regions[regionOf[place] ?? -1] ?? {};
      return other === country && Math.sqrt(least[side] ?? Infinity) <= MAX_COUNTRY_KM;
    });
    return isInside ? { city: null, region: null, country } : undefined;
  }
  const city = cityNear(all, nearest, distanceOf);
  const japanese = {
    city: (city !== undefined && all.japaneseOf(city)) || null,
    region: region.japanese || null,
  };
  return {
    city: city === undefined ? null : all.nameOf(city),
    region: region.name || null,
    country,
    ...((japanese.city ?? japanese.region) !== null && { translations: { ja: japanese } }),
  };
}

/** The city that people would name: one that reaches so far, else the nearest one. All are of the region of the place `near`. */
function cityNear(
  { regionOf, reaches, regions, nameOf }: Gazetteer,
  near: number,
  distanceOf: (place: number) => number,
): number | undefined {
  const region = regionOf[near] ?? 0;
  const named: { place: number; km: number; reach: number }[] = [];
  for (let place = regionOf.indexOf(region); regionOf[place] === region; place++) {
    const reach = reaches[place] ?? 0;
    if (reach > 0) named.push({ place, km: distanceOf(place), reach });
  }
  const around = named.filter(({ km, reach }) => km <= reach);
  const [best = named.sort((a, b) => a.km - b.km)[0]] = around.sort(
    (a, b) => a.km / a.reach - b.km / b.reach,
  );
  if (best === undefined || best.km > MAX_KM) return undefined;
  const [larger = best] = around
    .filter(({ km, reach }) => km * 2 <= reach && reach ** 2 >= MUCH_LARGER * best.reach ** 2)
    // The region says it: Manhattan is in New York.
    .filter(({ place }) => nameOf(place) !== regions[region]?.name)
    .sort((a, b) => b.reach - a.reach);
  return larger.place;
}

/** Degrees to the east, the shorter way around the world. */
function eastOf(longitude: number, from: number): number {
  const east = longitude - from;
  if (east > 180) return east - 360;
  return east < -180 ? east + 360 : east;
}

async function load(): Promise<Gazetteer> {
  const bytes = await promisify(brotliDecompress)(await readFile(FILE));
  const headEnd = 4 + bytes.readUInt32LE(0);
  const { count, regions } = JSON.parse(bytes.toString('utf8', 4, headEnd)) as {
    count: number;
    regions: [country: string, name: string, japanese: string, count: number][];
  };
  const latitudes = new Float32Array(count);
  const longitudes = new Float32Array(count);
  const reaches = new Float32Array(count);
  const numberAt = (start: number, place: number) =>
    (bytes[start + place] ?? 0) |
    ((bytes[start + count + place] ?? 0) << 8) |
    // The sign is in the highest byte.
    (bytes.readInt8(start + 2 * count + place) << 16);
  for (let place = 0, latitude = 0; place < count; place++) {
    latitude += numberAt(headEnd, place);
    latitudes[place] = latitude / 1_000;
    longitudes[place] = numberAt(headEnd + 3 * count, place) / 1_000;
    const people = 2 ** ((bytes[headEnd + 6 * count + place] ?? 0) / 4);
    reaches[place] = Math.sqrt(people / DENSITY / Math.PI);
  }
  const regionOf = new Uint16Array(count);
  let start = 0;
  for (const [number, [, , , length]] of regions.entries()) {
    regionOf.fill(number, start, start + length);
    start += length;
  }
  // The names stay bytes: as 400,000 texts they would take ten times the memory.
  const lines = linesOf(bytes, headEnd + 7 * count, 2 * count);
  for (let place = 0; place < count; place++) if (lines(place) === '') reaches[place] = 0;
  return {
    regions: regions.map(([country, name, japanese]) => ({ country, name, japanese })),
    regionOf,
    latitudes,
    longitudes,
    reaches,
    nameOf: lines,
    japaneseOf: (place) => lines(count + place),
  };
}

function linesOf(bytes: Buffer, start: number, count: number): (line: number) => string {
  const starts = new Uint32Array(count + 1);
  let at = start;
  for (let line = 0; line < count; line++) {
    starts[line] = at;
    const end = bytes.indexOf(10, at);
    at = (end === -1 ? bytes.length : end) + 1;
  }
  starts[count] = at;
  return (line) => bytes.toString('utf8', starts[line], (starts[line + 1] ?? 1) - 1);
}
