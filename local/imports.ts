/** Resources for imports on this machine: the buckets in the settings, and notifications of new objects in them. */
import { arrivalRulesSchema } from '@media-analysis/functions/features/imports/arrival-rules';
import { provisionArrivals } from './base/provision-arrivals.ts';
import type { Provision } from './parts.ts';

export const provisionImports: Provision = ({ IMPORT_BUCKETS = '', IMPORT_NEW_OBJECTS = '' }) => {
  const named = IMPORT_BUCKETS.split(',').filter((name) => name !== '');
  // Mistakes in the rules are reported when the units are checked.
  const rules = arrivalRulesSchema.safeParse(IMPORT_NEW_OBJECTS).data ?? [];
  return {
    buckets: [...named, ...rules.map(({ bucket }) => bucket)],
    run: (services) => provisionArrivals(rules, services),
  };
};
