import type { MediaFacts } from '../../inspect/facts.ts';
import { BLURRY_BELOW, FLAT_CONTRAST } from '../../inspect/quality.ts';

/**
 * Tags from the measured facts: stable English keys, and only what a person would search for.
 * Format, orientation and colours are fields of the analytics.
 * @param isPage Most paper is white and most ink is black: of a page these say nothing.
 */
export function factTags(facts: MediaFacts, isPage = false): string[] {
  const { kind, animated, grayscale, quality } = facts;
  // In a picture of one colour there is nothing that could be sharp.
  const isFlat = !quality || quality.contrast < FLAT_CONTRAST;
  const exposure = quality?.exposure;
  return [
    ...(grayscale && !isPage ? ['black and white'] : []),
    ...(kind === 'image' && animated ? ['animated'] : []),
    ...(!isFlat && quality.sharpness < BLURRY_BELOW ? ['blurry'] : []),
    ...(exposure === 'dark' || (exposure === 'bright' && !isPage) ? [exposure] : []),
  ];
}
