/**
 * The tiles of this page's maps, from its settings. They are read once more, when a map is opened: what the page reads at its
 * begin needs nothing of them.
 */
import type { MapTiles } from '../../components/view/map-tiles.ts';

let loading: Promise<MapTiles | undefined> | undefined;

/** @returns undefined if none are set, or the settings do not come: a map has its outlines in any case */
export function loadTiles(): Promise<MapTiles | undefined> {
  loading ??= read().catch(() => {
    loading = undefined;
    return undefined;
  });
  return loading;
}

async function read(): Promise<MapTiles | undefined> {
  const answer = await fetch('/config.json', { cache: 'no-cache' });
  const { map }: { map?: Partial<MapTiles> } = (await answer.json()) ?? {};
  const { tiles, attribution } = map ?? {};
  return typeof tiles === 'string' && typeof attribution === 'string'
    ? { tiles, attribution }
    : undefined;
}
