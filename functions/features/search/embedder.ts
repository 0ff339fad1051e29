import { EMBEDDER, embedSearch, MAX_DISTANCE } from './meaning.ts';

/** Makes vectors of texts. Vectors of two embedders cannot be compared. */
export interface Embedder {
  /** The name that is stored beside each vector. */
  readonly by: string;
  /** Texts at this cosine distance or more are not related. */
  readonly maxDistance: number;
  /**
   * @returns the vector of a search; undefined if it has no words, or none can be made now: then the search goes on by words
   */
  embedSearch(text: string, ownerId: string): Promise<number[] | undefined>;
}

/** Needs no key and no network, so a media gets its vector in the same write as its text. */
export const LOCAL_EMBEDDER: Embedder = {
  by: EMBEDDER,
  maxDistance: MAX_DISTANCE,
  embedSearch: async (text) => embedSearch(text),
};
