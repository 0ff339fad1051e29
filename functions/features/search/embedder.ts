/** Turns texts into vectors. Vectors of different embedders cannot be compared. */
import { EMBEDDER, embedSearch, MAX_DISTANCE } from './meaning.ts';

export interface Embedder {
  /** The name of the embedder, stored beside each vector. */
  readonly by: string;
  /** At this cosine distance or more, texts are unrelated. */
  readonly maxDistance: number;
  /** @returns undefined if the text has no words, or no vector is available now: the search goes on by words alone */
  embedSearch(text: string, ownerId: string): Promise<number[] | undefined>;
}

/** Needs no key and no network, so each media gets its vector in the write of its text. */
export const LOCAL_EMBEDDER: Embedder = {
  by: EMBEDDER,
  maxDistance: MAX_DISTANCE,
  embedSearch: async (text) => embedSearch(text),
};
