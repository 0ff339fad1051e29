/** Selecting media in the gallery. */
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type * as Parts from '../loading/media-parts.ts';
import type { Selection } from './selection.ts';

const NONE: Selection = { ids: new Set(), anchor: undefined, rest: undefined };

/**
 * @param order Ids of the media that can be selected, as the page shows them.
 * @param parts What can select. Absent: nothing can be selected yet.
 */
export function useSelection(
  order: readonly string[],
  parts: Pick<typeof Parts, 'press'> | undefined,
) {
  const [selection, setSelection] = useState<Selection>();
  const latest = useRef({ order, parts });
  useEffect(() => {
    latest.current = { order, parts };
  }, [order, parts]);
  const onSelect = useCallback((id: string, isRange: boolean) => {
    const { order, parts } = latest.current;
    setSelection((now = NONE) => parts?.press(now, id, order, isRange));
  }, []);
  const start = useCallback(() => setSelection(NONE), []);
  const stop = useCallback(() => setSelection(undefined), []);
  // What was deleted meanwhile is not selected any more.
  const selected = useMemo(
    () => selection && new Set(order.filter((id) => selection.ids.has(id))),
    [selection, order],
  );
  return { selected, rest: selection?.rest, setSelection, onSelect, start, stop };
}
