/** Among which media one turns in the full view. */
import type { Media } from '../../client/index.ts';
import { useMediaCache } from '../../hooks/context.ts';
import { useMediaAnalysisSSE } from '../../hooks/index.ts';
import type { Entry } from './entries.ts';
import { useKnown } from './use-known.ts';

/** What is nearer than this to the one that is open is loaded: one turns without waiting. */
export const AHEAD = 3;
/** So many are asked for together. */
const TOGETHER = 20;

interface Viewable {
  id: string;
  /** Undefined until it is known. */
  media: Media | undefined;
}

/** @param mapIds What the map listed when one of them was opened there. The list of the page may not have loaded them. Absent: one turns in that list. */
export function useViewable(
  openId: string,
  entries: readonly Entry[],
  mapIds: readonly string[] | undefined,
): Viewable[] {
  const cache = useMediaCache();
  const near = mapIds ? nearTo(mapIds.indexOf(openId), mapIds) : [];
  useMediaAnalysisSSE(near);
  useKnown(near);
  if (!mapIds)
    return entries.flatMap(({ media }) => (media?.url == null ? [] : [{ id: media.id, media }]));
  return mapIds
    .filter((id) => !cache.isGone(id))
    .map((id) => ({ id, media: cache.get(id) }))
    .filter(({ media }) => media?.url !== null);
}

/** With the first one, from which a slideshow goes on after the last one. */
function nearTo(position: number, ids: readonly string[]): string[] {
  const from = Math.floor(Math.max(0, position - AHEAD) / TOGETHER) * TOGETHER;
  const to = (Math.floor((position + AHEAD) / TOGETHER) + 1) * TOGETHER;
  return [...new Set([...ids.slice(0, 1), ...ids.slice(from, to)])];
}
