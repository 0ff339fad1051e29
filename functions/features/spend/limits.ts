import { NAMED_MODELS } from '../../analysis/catalog/analyses.ts';
import { modelConfigOf } from '../../analysis/model-config.ts';
import type { ModelSettings, ProviderSettings } from '../../analysis/settings.ts';
import { highestPhotoCostInUsd } from '../../analysis/worst-case.ts';
import { ConfigError } from '../../process/settings.ts';
import type { SpendSettings } from './settings.ts';

/**
 * With a limit below the price of one photo, no photo would ever be analysed. The worker and `npm start` check this at their start.
 * @throws {ConfigError}
 * @example refuseLimitsBelowOnePhoto(config);
 */
export function refuseLimitsBelowOnePhoto(
  config: ModelSettings & ProviderSettings & SpendSettings,
  now = Date.now(),
): void {
  const { ANALYSIS_MODEL, MODEL_FALLBACK, MAX_USD_PER_DAY, MAX_OWNER_USD_PER_DAY } = config;
  const models = [ANALYSIS_MODEL, ...MODEL_FALLBACK, ...NAMED_MODELS];
  const providers = modelConfigOf(config);
  const usd = Math.max(...models.map((each) => highestPhotoCostInUsd(each, now, providers)));
  const tooLow = Object.entries({ MAX_USD_PER_DAY, MAX_OWNER_USD_PER_DAY }).filter(
    ([, limit]) => limit < usd,
  );
  if (tooLow.length === 0) return;
  const names = tooLow.map(([name]) => name).join(', ');
  const least = Math.ceil(usd * 100) / 100;
  throw new ConfigError(
    `The configuration is not usable:\n  ${names}: at least ${least}, because one call to ${models.join(' or ')} can cost so much; or off`,
  );
}
