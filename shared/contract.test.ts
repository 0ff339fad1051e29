import { expect, test } from '@jest/globals';
import { CONTRACT, OPERATIONS } from './contract.ts';
import { FEATURES } from './contract-docs.ts';

test('no two features have a route of one name', () => {
  const names = FEATURES.flatMap(({ routes }) => Object.keys(routes));
  expect(names.toSorted()).toEqual(OPERATIONS.toSorted());
});

test('no route hides a later one', () => {
  const routes = Object.values(CONTRACT);
  for (const route of routes) {
    const found = routes.find(
      ({ method, path }) => method === route.method && patternOf(path).test(route.path),
    );
    expect(found).toBe(route);
  }
});

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`);
}
