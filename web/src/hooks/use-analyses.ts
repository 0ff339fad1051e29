/** The analyses that a media can be asked for. */
import { useSyncExternalStore } from 'react';
import { type Analyses, catalogOf } from './catalog.ts';
import { useMediaClient } from './context.ts';

/**
 * The analyses of the service, each with its title, its input, its output, and whether the service's model can make it. They are
 * loaded once for all components of a client.
 * @example
 * ```tsx
 * import { useAnalyses, useMediaActions } from '@media-analysis/react';
 *
 * export function Menu({ id }: { id: string }) {
 *   const { analyses } = useAnalyses();
 *   const { ask } = useMediaActions();
 *   return analyses
 *     .filter(({ offered, required }) => offered && required.length === 0)
 *     .map(({ name, title }) => (
 *       <button key={name} onClick={() => void ask(id, name)}>
 *         {title}
 *       </button>
 *     ));
 * }
 * ```
 */
export function useAnalyses(): Analyses {
  const { subscribe, getSnapshot } = catalogOf(useMediaClient());
  return useSyncExternalStore(subscribe, getSnapshot, getSnapshot);
}
