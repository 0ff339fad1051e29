/** Makes vectors of texts. Vectors of two embedders cannot be compared. */
import { EMBEDDER, embedSearch, MAX_DISTANCE } from './meaning.ts';

export interface Embedder {
  /** Written beside each vector. */
  readonly by: string;
  /** Texts at this cosine distance, or farther apart, have nothing to do with each other. */
  readonly maxDistance: number;
  /**
   * The vector of what an owner searches for.
   * @returns undefined if it says nothing, or cannot be had now: the search goes on by words alone
   */
  embedSearch(text: string, ownerId: string): Promise<number[] | undefined>;
}

/** Needs no key and no network, so its vectors are there from the beginning: the text of a media is embedded as it is written. */
export const LOCAL_EMBEDDER: Embedder = {
  by: EMBEDDER,
  maxDistance: MAX_DISTANCE,
  embedSearch: async (text) => embedSearch(text),
};
