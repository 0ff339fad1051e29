/** Selecting media in the gallery. */
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { NONE, press, type Selection } from './selection.ts';

/** @param order Ids of the media that can be selected, as the page shows them. */
export function useSelection(order: readonly string[]) {
  const [selection, setSelection] = useState<Selection>();
  const latest = useRef(order);
  useEffect(() => {
    latest.current = order;
  }, [order]);
  const onSelect = useCallback((id: string, isRange: boolean) => {
    setSelection((now) => press(now ?? NONE, id, latest.current, isRange));
  }, []);
  const start = useCallback(() => setSelection(NONE), []);
  const stop = useCallback(() => setSelection(undefined), []);
  const selectAll = useCallback((isAll: boolean) => {
    setSelection({ ids: new Set(isAll ? latest.current : []), anchor: undefined });
  }, []);
  // What was deleted meanwhile is not selected any more.
  const selected = useMemo(
    () => selection && new Set(order.filter((id) => selection.ids.has(id))),
    [selection, order],
  );
  return { selected, onSelect, start, stop, selectAll };
}
