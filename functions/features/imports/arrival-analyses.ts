/**
 * Nobody sends an object that arrives, so nobody could be told that an analysis is not possible. The worker and `npm start` refuse
 * a setting with such an analysis when they start.
 */
import { analysisOf, isOffered } from '../../analysis/catalog/analyses.ts';
import type { ModelSettings } from '../../analysis/settings.ts';
import { ConfigError } from '../../process/settings.ts';
import type { ArrivalSettings } from './settings.ts';

/** @throws {ConfigError} */
export function refuseArrivalAnalyses({
  IMPORT_NEW_OBJECTS: rules,
  ANALYSIS_MODEL: model,
}: ArrivalSettings & Pick<ModelSettings, 'ANALYSIS_MODEL'>): void {
  for (const [n, { analyses = [] }] of rules.entries()) {
    for (const name of analyses) {
      const why = whyImpossible(name, model);
      if (why === undefined) continue;
      throw new ConfigError(
        `The configuration is not usable:\n  IMPORT_NEW_OBJECTS.${n}.analyses: "${name}" ${why}`,
      );
    }
  }
}

function whyImpossible(name: string, model: string): string | undefined {
  const analysis = analysisOf(name);
  if (!analysis || !isOffered(analysis, model)) return 'is not offered by this deployment';
  const { required } = analysis;
  return required.length > 0 ? `needs ${required.join(', ')}, which nobody gives` : undefined;
}
