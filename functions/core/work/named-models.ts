/** A file of `analyses/` may name a model of its own. Without the key of its provider, each call to it would fail. */
import { type KeySettings, namingOf } from '../../analysis/catalog/model-name.ts';
import { ConfigError } from '../../process/settings.ts';

/**
 * @param models The models that files of `analyses/` name.
 * @throws {ConfigError} if a key is missing
 */
export function refuseNamedModels(models: readonly string[], config: KeySettings): void {
  for (const model of models) {
    const key = namingOf(model)?.key;
    if (!key?.isNeeded(config) || config[key.setting] !== undefined) continue;
    throw new ConfigError(
      `The configuration is not usable:\n  ${key.setting}: ${key.message}, and a file of analyses/ names ${model}`,
    );
  }
}
