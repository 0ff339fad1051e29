/** What was moved to the bin, as long as it can be brought back at once; and what could not be done. */
import { useCallback, useState } from 'react';
import { useActs } from '../shell/use-acts.ts';

export interface Binned extends ReturnType<typeof useActs> {
  deleted: readonly string[];
  /** It takes the place of what was deleted before, which stays in the bin. */
  addDeleted: (...ids: readonly string[]) => void;
  /** @param back Those that are back. Absent: no undo is offered any more. */
  endUndo: (back?: readonly string[]) => void;
}

export function useBinned(): Binned {
  const acts = useActs();
  const [deleted, setDeleted] = useState<readonly string[]>([]);
  const addDeleted = useCallback((...ids: readonly string[]) => setDeleted(ids), []);
  const endUndo = useCallback((back?: readonly string[]) => {
    const done = back && new Set(back);
    setDeleted((now) => (done ? now.filter((id) => !done.has(id)) : []));
  }, []);
  return { ...acts, deleted, addDeleted, endUndo };
}
