import type { MediaFacts } from '../inspect/facts.ts';

/** The facts about a frame of a video, without its picture. */
export interface Frame {
  time_s: number;
  colors: MediaFacts['colors'];
}
