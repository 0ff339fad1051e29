import type { MediaFacts } from '../inspect/facts.ts';

/** What is known of a frame of a video without its picture. */
export interface Frame {
  time_s: number;
  colors: MediaFacts['colors'];
}
