import { expect, test } from '@jest/globals';
import { relationOf } from './wordnet.ts';

test.each([
  ['red motorcycle', 'motorcycle'],
  ['tabby cat', 'cat'],
  ['cardboard boxes', 'box'],
  ['beagle', 'dog'],
  ['sofa', 'couch'],
  ['skyscrapers', 'building'],
  ['knives', 'knife'],
  ['cup of coffee', 'cup'],
  ['pair of shoes', 'shoe'],
  ['dining table', 'table'],
  ['people', 'person'],
  ['bike', 'bicycle'],
])('%s is a %s', (said, labelled) => {
  expect(relationOf(said, labelled)).toBe('same');
});

test.each([
  ['dog', 'beagle', 'near'],
  ['table', 'dining table', 'near'],
  ['animal', 'beagle', 'general'],
  ['vehicle', 'motorcycle', 'general'],
])('%s is a more general name of a %s: %s', (said, labelled, relation) => {
  expect(relationOf(said, labelled)).toBe(relation);
});

test.each([
  ['hot dog', 'dog'],
  ['teddy bear', 'bear'],
  ['cat', 'person'],
  ['monitor', 'person'],
  ['vase', 'bottle'],
  ['object', 'dog'],
  ['xyzzy', 'dog'],
])('%s is no %s', (said, labelled) => {
  expect(relationOf(said, labelled)).toBeUndefined();
});
