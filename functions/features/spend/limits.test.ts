import { expect, test } from '@jest/globals';
import { EXAMPLE_GEMINI } from '../../analysis/catalog/model-name.ts';
import { ConfigError } from '../../process/settings.ts';
import { refuseLimitsBelowOnePhoto } from './limits.ts';

const NOW = Date.parse('2026-11-25T20:00:00Z');
const LIMITS = { MAX_USD_PER_DAY: 20, MAX_OWNER_USD_PER_DAY: 5 };
type Config = Parameters<typeof refuseLimitsBelowOnePhoto>[0];
const config = (patch: Partial<Config>): Config => ({
  ANALYSIS_MODEL: `googleai/${EXAMPLE_GEMINI}`,
  MODEL_FALLBACK: [],
  VERTEX_LOCATION: 'global',
  ...LIMITS,
  ...patch,
});

test('a limit below one photo is refused, and named alone', () => {
  const refused = () => refuseLimitsBelowOnePhoto(config({ MAX_USD_PER_DAY: 0.0001 }), NOW);
  expect(refused).toThrow(ConfigError);
  expect(refused).toThrow(
    /^The configuration is not usable:\n {2}MAX_USD_PER_DAY: at least 0\.\d+/,
  );
});

test('a fallback that costs more counts', () => {
  const low = { MAX_OWNER_USD_PER_DAY: 0.05 };
  const dear = { ...low, MODEL_FALLBACK: ['googleai/gemini-3.1-pro-preview'] };
  expect(() => refuseLimitsBelowOnePhoto(config(low), NOW)).not.toThrow();
  expect(() => refuseLimitsBelowOnePhoto(config(dear), NOW)).toThrow(/MAX_OWNER_USD_PER_DAY/);
});

test('a server of one’s own costs nothing on this machine, and the most that is known elsewhere', () => {
  const low = { ANALYSIS_MODEL: 'openai/qwen2.5vl:7b', MAX_USD_PER_DAY: 0.0001 };
  const refuse = (patch: Partial<Config>) => () =>
    refuseLimitsBelowOnePhoto(config({ ...low, ...patch }), NOW);
  expect(refuse({ OPENAI_BASE_URL: 'http://127.0.0.1:11434/v1' })).not.toThrow();
  expect(refuse({})).toThrow(/MAX_USD_PER_DAY: at least 0\.48/);
  expect(refuse({ OPENAI_PRICE: { input: 0, output: 0 } })).not.toThrow();
});

test('a model of this machine costs nothing', () => {
  const local = config({ ANALYSIS_MODEL: 'local/facts', MAX_USD_PER_DAY: 0.0001 });
  expect(() => refuseLimitsBelowOnePhoto(local, NOW)).not.toThrow();
});
