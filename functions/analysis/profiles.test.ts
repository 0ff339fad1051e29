import { describe, expect, test } from '@jest/globals';
import { EXAMPLE_GEMINI, providerOf, takesVideos, VERTEX_LOCATIONS } from './catalog/model-name.ts';
import { hasTier, profileOf, takesKind } from './profiles.ts';

test.each([`googleai/${EXAMPLE_GEMINI}`, 'vertexai/gemini-9', 'local/vision', 'openai/gpt-5-mini'])(
  'the api knows as well as the worker whether %s takes videos',
  (model) => {
    expect(takesVideos(model)).toBe(takesKind(model, 'video'));
  },
);

describe('a profile', () => {
  test('of the example is complete', () => {
    expect(profileOf(`vertexai/${EXAMPLE_GEMINI}`)).toMatchObject({
      provider: 'vertexai',
      name: EXAMPLE_GEMINI,
      locations: VERTEX_LOCATIONS,
      previewSide: 1_536,
      thinking: { thinkingLevel: 'MINIMAL' },
      maxOutputTokens: 16_384,
      price: { input: 0.3, output: 2.5 },
      retires: '2027-07-21',
      successor: null,
    });
    expect(profileOf(`googleai/${EXAMPLE_GEMINI}`)).toMatchObject({ locations: [], retires: null });
  });

  test.each([
    ['gemini-3.7-flash', 'LOW'],
    ['gemini-3.8-flash', 'LOW'],
    ['gemini-3.6-flash', 'MINIMAL'],
    ['gemini-9-flash', 'LOW'],
    ['gemini-2.5-flash', null],
  ])('asks for the least thinking that %s accepts: %s', (name, level) => {
    expect(profileOf(`googleai/${name}`).thinking).toEqual(level && { thinkingLevel: level });
  });

  test('of an unknown model has cautious values and no price', () => {
    expect(profileOf('googleai/gemini-9-flash')).toMatchObject({
      previewSide: 1_536,
      price: null,
      retires: null,
      successor: null,
    });
    expect(profileOf('googleai/gemini-flash-latest')).toMatchObject({
      previewSide: 768,
      thinking: null,
      mediaResolution: null,
      price: null,
    });
  });

  test('of a version is the one of its model', () => {
    const { price, retires } = profileOf(`vertexai/${EXAMPLE_GEMINI}`);
    expect(profileOf(`vertexai/${EXAMPLE_GEMINI}-001`)).toMatchObject({ price, retires });
  });

  test.each([
    ['googleai/gemini-2.5-flash', '2026-12-01'],
    ['vertexai/gemini-2.5-flash', '2026-10-20'],
  ])('of a model that ends tells when, and what comes in its place: %s', (model, retires) => {
    expect(profileOf(model)).toMatchObject({ retires, successor: EXAMPLE_GEMINI });
  });

  test('of a local model costs nothing and accepts no video', () => {
    expect(profileOf('local/vision')).toMatchObject({ previewSide: 1_600, video: null });
    expect(profileOf('local/facts').price).toMatchObject({ input: 0, output: 0 });
  });
});

describe('an openai/ model', () => {
  test('accepts no video, and has a price only if it is set or the server is on this machine', () => {
    const price = (config: object) => profileOf('openai/qwen2.5vl:7b', config).price;
    expect(profileOf('openai/google/gemma-3')).toMatchObject({
      name: 'google/gemma-3',
      video: null,
    });
    expect(price({})).toBeNull();
    expect(price({ openaiBaseUrl: 'http://192.168.1.20:8000/v1' })).toBeNull();
    expect(price({ openaiBaseUrl: 'http://localhost:11434/v1' })).toMatchObject({ output: 0 });
    const openaiPrice = { input: 0.5, output: 2 };
    expect(price({ openaiPrice })).toMatchObject({ ...openaiPrice, cached: 0.5 });
  });
});

test.each<[string, object, boolean]>([
  ['googleai/gemini-9-flash', {}, true],
  ['vertexai/gemini-9-flash', {}, true],
  ['vertexai/gemini-9-flash', { location: 'eu' }, false],
  ['openai/a', {}, true],
  ['openai/a', { openaiBaseUrl: 'http://localhost:11434/v1' }, false],
  ['openai/a', { openaiBaseUrl: 'http://localhost:11434/v1', openaiFlex: true }, true],
  ['openai/a', { openaiFlex: false }, false],
  ['local/vision', {}, false],
])('%s with %j has the tier flex: %s', (model, config, hasIt) => {
  expect(hasTier(model, 'flex', config)).toBe(hasIt);
});

test('in the tier each price is halved, the later and the long one too; cached tokens are as cheap as ever', () => {
  const price = (name: string) => profileOf(`googleai/${name}`, { tier: 'flex' }).price;
  expect(price('gemini-3.6-flash')).toEqual({
    input: 0.375,
    audio: 0.375,
    cached: 0.075,
    output: 1.875,
    later: { from: '2027-01-01', input: 0.75, audio: 0.75, cached: 0.15, output: 3.75 },
  });
  expect(price('gemini-3.1-pro-preview')).toMatchObject({ long: { input: 2, output: 9 } });
  expect(price('gemini-3.1-flash-lite')).toMatchObject({ audio: null });
  expect(price('gemini-9-flash')).toBeNull();
});

test('an unknown name has no provider', () => {
  expect(providerOf('anthropic/claude')).toBeUndefined();
  expect(() => profileOf('anthropic/claude')).toThrow('no provider');
});
