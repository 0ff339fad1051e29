import { expect, test } from '@jest/globals';
import { placeNameAt, withPlaceName } from './place-names.ts';

const nameAt = async (latitude: number, longitude: number) => {
  const { city, region, country } = (await placeNameAt(latitude, longitude)) ?? {};
  return [city, region, country];
};

test.each([
  ['the Louvre', 48.8606, 2.3376, 'Paris', 'Île-de-France', 'FR'],
  ['Versailles', 48.8049, 2.1204, 'Versailles', 'Île-de-France', 'FR'],
  ['Shibuya crossing', 35.6595, 139.7005, 'Shibuya', 'Tokyo', 'JP'],
  ['Kichijoji', 35.7031, 139.5796, 'Musashino', 'Tokyo', 'JP'],
  ['Tokyo Disneyland', 35.6329, 139.8804, 'Urayasu', 'Chiba', 'JP'],
  ['Gion', 35.0037, 135.7751, 'Kyoto', 'Kyoto', 'JP'],
  ['Osaka castle', 34.6873, 135.5262, 'Osaka', 'Osaka', 'JP'],
  ['Nara park', 34.6851, 135.843, 'Nara', 'Nara', 'JP'],
  ['Times Square', 40.758, -73.9855, 'New York', 'New York', 'US'],
  ['the Golden Gate', 37.8199, -122.4783, 'San Francisco', 'California', 'US'],
  ['Big Ben', 51.5007, -0.1246, 'London', 'England', 'GB'],
  ['Tower Bridge', 51.5055, -0.0754, 'London', 'England', 'GB'],
  ['the opera of Sydney', -33.8568, 151.2153, 'Sydney', 'New South Wales', 'AU'],
  ['the cathedral of Cologne', 50.9413, 6.9583, 'Cologne', 'North Rhine-Westphalia', 'DE'],
  ['the Taj Mahal', 27.1751, 78.0421, 'Agra', 'Uttar Pradesh', 'IN'],
  ['Table Mountain', -33.9628, 18.4098, 'Cape Town', 'Western Cape', 'ZA'],
  ['the pyramids', 29.9792, 31.1342, 'Giza', 'Giza', 'EG'],
  ['the Christ of Rio', -22.9519, -43.2105, 'Rio de Janeiro', 'Rio de Janeiro', 'BR'],
  ['a lake between two countries', 46.45, 6.6, 'Évian-les-Bains', 'Auvergne-Rhône-Alpes', 'FR'],
  ['one bank of the Rhine', 48.5734, 7.7521, 'Strasbourg', 'Grand Est', 'FR'],
  ['the other bank', 48.572, 7.815, 'Kehl', 'Baden-Wurttemberg', 'DE'],
  ['the Vatican', 41.9022, 12.4539, 'Vatican City', null, 'VA'],
])('%s is where people say it is', async (_, latitude, longitude, ...name) => {
  expect(await nameAt(latitude, longitude)).toEqual(name);
});

test('the names are there in Japanese, as far as they are known', async () => {
  const tokyo = await placeNameAt(35.6595, 139.7005);
  expect(tokyo?.translations?.ja).toEqual({ city: '渋谷区', region: '東京都' });
  const paris = await placeNameAt(48.8606, 2.3376);
  expect(paris?.translations?.ja.city).toBe('パリ');
  expect(await placeNameAt(30.3285, 35.4444)).not.toHaveProperty('translations');
});

test.each([
  ['a bay of Lake Baikal', 53.5, 108.1, 'RU'],
  ['the sea off Brittany', 46, -5, undefined],
  ['the middle of the Pacific', 0, -150, undefined],
  ['the Sahara, near a border', 23.5, 10, undefined],
  ['the South Pole', -90, 0, undefined],
])(
  'far from all places, %s has a country only where it is sure',
  async (_, north, east, country) => {
    const found = await placeNameAt(north, east);
    expect(found).toEqual(country && { city: null, region: null, country });
  },
);

test('the date line divides no place', async () => {
  expect((await nameAt(66.32, -179.9))[0]).toBe('Egvekinot');
  expect((await nameAt(66.32, 179.99))[0]).toBe('Egvekinot');
});

test('what has no place, or has its name, is left as it is', async () => {
  const none = { taken_at: null, camera: null };
  expect(await withPlaceName(none)).toBe(none);
  const named = { place: { latitude: 48.86, longitude: 2.34, country: 'XX' } };
  expect(await withPlaceName(named)).toBe(named);
  const { place } = await withPlaceName({ place: { latitude: 48.86, longitude: 2.34 } });
  expect(place).toMatchObject({ latitude: 48.86, longitude: 2.34, city: 'Paris', country: 'FR' });
});
