/** Tiles of a map service, where the operator has set one. */
import { createContext } from 'react';

export interface MapTiles {
  /** The address of each tile, with `{z}`, `{x}` and `{y}`. */
  tiles: string;
  /** Whose map it is. What begins with `https://` is a link. */
  attribution: string;
}

/** @returns undefined: there are none, so a map has outlines alone */
export type LoadTiles = () => Promise<MapTiles | undefined>;

/** For the small map of a photo. */
export const LoadTilesContext = createContext<LoadTiles | undefined>(undefined);
