import { expect, test } from '@jest/globals';
import type { KeySettings } from '../../analysis/catalog/model-name.ts';
import { ConfigError } from '../../process/settings.ts';
import { refuseNamedModels } from './named-models.ts';

const MODEL = 'googleai/gemini-x';

test('a model that a file names needs the key of its provider', () => {
  const start = (config: KeySettings) => () => refuseNamedModels(['local/vision', MODEL], config);
  expect(start({ GEMINI_API_KEY: 'key' })).not.toThrow();
  expect(start({})).toThrow(ConfigError);
  expect(start({})).toThrow(
    /GEMINI_API_KEY: .*, and a file of analyses\/ names googleai\/gemini-x/,
  );
});
