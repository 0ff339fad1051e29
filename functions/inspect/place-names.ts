/**
 * Names the place at some coordinates without a network, from GeoNames (https://www.geonames.org, CC BY 4.0).
 * `deploy/place-names.ts` packs its places into `place-names.br`, which is loaded with the first photo that has a place.
 */
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { brotliDecompress } from 'node:zlib';
import type { Analytics } from '@media-analysis/shared/analytics';

type Capture = Partial<Analytics['capture']>;
type CapturePlace = NonNullable<Capture['place']>;
type PlaceName = Omit<CapturePlace, 'latitude' | 'longitude'>;

const FILE = new URL('./place-names.br', import.meta.url);

/** A photo that is farther from every place gets no name of a city: the sea, a desert. */
const MAX_KM = 50;
/** Farther than this from all places not even the country is sure. */
const MAX_COUNTRY_KM = 500;

const KM_PER_DEGREE = 111.2;
/** People per square kilometre. With it the number of people gives the radius of a city. */
const DENSITY = 4_000;
/** If a town is in the inner half of a city with this many times the people, people name the city: London, not Lambeth. */
const MUCH_LARGER = 5;

interface Region {
  country: string;
  name: string;
  japanese: string;
}

interface Gazetteer {
  regions: readonly Region[];
  /** The region of each place, by its number. Places of one region are next to each other. */
  regionOf: Uint16Array;
  /** Degrees. */
  latitudes: Float32Array;
  longitudes: Float32Array;
  /** The radius of each place in km; 0: a part of a city, without a name. */
  radii: Float32Array;
  nameOf: (place: number) => string;
  japaneseOf: (place: number) => string;
}

let gazetteer: Promise<Gazetteer> | undefined;

/** Adds the name to a place that has none yet. */
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
  // If the file could not be read, the next photo tries again.
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
  // The nearest place on each side: north-east, north-west, south-east, south-west.
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
    // The country counts only if the places on all sides are in it. A coast has a side without places.
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

/** The city that people would name: one whose radius reaches the photo, or the nearest one. All are in the region of `near`. */
function cityNear(
  { regionOf, radii, regions, nameOf }: Gazetteer,
  near: number,
  distanceOf: (place: number) => number,
): number | undefined {
  const region = regionOf[near] ?? 0;
  const named: { place: number; km: number; radius: number }[] = [];
  for (let place = regionOf.indexOf(region); regionOf[place] === region; place++) {
    const radius = radii[place] ?? 0;
    if (radius > 0) named.push({ place, km: distanceOf(place), radius });
  }
  const around = named.filter(({ km, radius }) => km <= radius);
  const [best = named.sort((a, b) => a.km - b.km)[0]] = around.sort(
    (a, b) => a.km / a.radius - b.km / b.radius,
  );
  if (best === undefined || best.km > MAX_KM) return undefined;
  const [larger = best] = around
    .filter(({ km, radius }) => km * 2 <= radius && radius ** 2 >= MUCH_LARGER * best.radius ** 2)
    // The region has this name already: Manhattan is in New York.
    .filter(({ place }) => nameOf(place) !== regions[region]?.name)
    .sort((a, b) => b.radius - a.radius);
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
  const radii = new Float32Array(count);
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
    radii[place] = Math.sqrt(people / DENSITY / Math.PI);
  }
  const regionOf = new Uint16Array(count);
  let start = 0;
  for (const [number, [, , , length]] of regions.entries()) {
    regionOf.fill(number, start, start + length);
    start += length;
  }
  // The names stay bytes: 400,000 strings would take ten times the memory.
  const lines = linesOf(bytes, headEnd + 7 * count, 2 * count);
  for (let place = 0; place < count; place++) if (lines(place) === '') radii[place] = 0;
  return {
    regions: regions.map(([country, name, japanese]) => ({ country, name, japanese })),
    regionOf,
    latitudes,
    longitudes,
    radii,
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
