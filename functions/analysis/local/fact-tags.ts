import type { MediaFacts } from '../../inspect/facts.ts';
import { BLURRY_BELOW, FLAT_CONTRAST } from '../../inspect/quality.ts';

/**
 * Tags from the measured facts: stable English keys that a person would search for. Format, orientation and colours are fields
 * of the analytics.
 * @param isPage Leaves out two tags, because most paper is white and most ink is black.
 */
export function factTags(facts: MediaFacts, isPage = false): string[] {
  const { kind, animated, grayscale, quality } = facts;
  // A picture of one colour has nothing that could be sharp.
  const isFlat = !quality || quality.contrast < FLAT_CONTRAST;
  const exposure = quality?.exposure;
  return [
    ...(grayscale && !isPage ? ['black and white'] : []),
    ...(kind === 'image' && animated ? ['animated'] : []),
    ...(!isFlat && quality.sharpness < BLURRY_BELOW ? ['blurry'] : []),
    ...(exposure === 'dark' || (exposure === 'bright' && !isPage) ? [exposure] : []),
  ];
}
