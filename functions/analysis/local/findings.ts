/** Selects the measured facts that are worth a sentence. The languages put them into words. */
import type { MediaFacts } from '../../inspect/facts.ts';
import { BLURRY_BELOW, FLAT_CONTRAST, SHARP_FROM } from '../../inspect/quality.ts';
import { type ColorName, colorName } from './color-names.ts';

export interface Findings {
  facts: MediaFacts;
  grayscale: boolean;
  /** At most three, the most common first. */
  colors: ColorName[];
  /** Null if it was not measured, or if there is nothing that could be sharp. */
  focus: 'sharp' | 'soft' | 'blurry' | null;
}

export function findingsOf(facts: MediaFacts): Findings {
  const { colors, quality } = facts;
  const names = new Map(colors.map(({ hex }) => [colorName(hex).en, colorName(hex)]));
  return {
    facts,
    grayscale: facts.grayscale ?? false,
    colors: [...names.values()].slice(0, 3),
    focus: quality && focusOf(quality),
  };
}

function focusOf({ sharpness, contrast }: NonNullable<MediaFacts['quality']>) {
  if (contrast < FLAT_CONTRAST) return null;
  if (sharpness < BLURRY_BELOW) return 'blurry';
  return sharpness < SHARP_FROM ? 'soft' : 'sharp';
}

/**
 * Tags from the measured facts: stable English keys, and only what a person would search for.
 * Format, orientation and colours are fields of the analytics.
 * @param isPage Most paper is white and most ink is black: of a page these say nothing.
 */
export function factTags({ facts, grayscale, focus }: Findings, isPage = false): string[] {
  const exposure = facts.quality?.exposure;
  return [
    ...(grayscale && !isPage ? ['black and white'] : []),
    ...(facts.kind === 'image' && facts.animated ? ['animated'] : []),
    ...(focus === 'blurry' ? ['blurry'] : []),
    ...(exposure === 'dark' || (exposure === 'bright' && !isPage) ? [exposure] : []),
  ];
}
