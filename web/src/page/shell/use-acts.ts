/** Keeps failures until the act works or the user has read them, and deletions while they can be undone at once. */
import { useCallback, useState } from 'react';
import type { Media } from '../../client/index.ts';
import { useMediaActions } from '../../hooks/index.ts';

interface Act {
  kind:
    | 'remove'
    | 'erase'
    | 'restore'
    | 'retry'
    | 'edit'
    | 'download'
    | 'export'
    | 'sample'
    | 'open';
  /** Id of its media; of several, their ids with commas between them. */
  id: string;
  /** How many media. Default: one; 0: more than are known. */
  count?: number | undefined;
  /** Whether it moves them to the bin, from which they can be restored. */
  isToBin?: boolean;
  /** Does the act, also a second time. Undefined: another try cannot succeed. */
  work?: () => Promise<void>;
}

export interface Failure extends Act {
  error?: unknown;
  /** For `open`: the media that cannot be shown. Undefined: it is gone. */
  media?: Media | undefined;
  /** Name of the file, if the media was shown before it was gone. */
  name?: string | undefined;
}

export type Acts = ReturnType<typeof useActs>;

const without = (failures: readonly Failure[], done: readonly Act[]) =>
  failures.filter((each) => !done.some(({ kind, id }) => kind === each.kind && id === each.id));

export function useActs() {
  const [failures, setFailures] = useState<readonly Failure[]>([]);
  const [deleted, setDeleted] = useState<readonly string[]>([]);
  const forget = useCallback((...done: readonly Act[]) => {
    setFailures((now) => without(now, done));
  }, []);
  const fail = useCallback((failure: Failure) => {
    setFailures((now) => [...without(now, [failure]), failure]);
  }, []);
  /** Never throws: an error is added to `failures`. */
  const act = useCallback(
    (one: Act & { work: () => Promise<void> }): Promise<void> =>
      one.work().then(
        () => forget(one),
        (error: unknown) => fail({ ...one, error }),
      ),
    [forget, fail],
  );
  const { retry, remove } = useMediaActions();
  const retryOne = useCallback(
    (id: string) => act({ kind: 'retry', id, work: () => retry(id) }),
    [act, retry],
  );
  const erase = useCallback(
    (id: string) => act({ kind: 'remove', id, work: () => remove(id, { permanently: true }) }),
    [act, remove],
  );
  /** Replaces the previous deletion, which stays in the bin. */
  const addDeleted = useCallback((...ids: readonly string[]) => setDeleted(ids), []);
  /** @param back The restored ids. Undefined: no undo is offered any more. */
  const endUndo = useCallback((back?: readonly string[]) => {
    setDeleted((now) => (back ? now.filter((id) => !back.includes(id)) : []));
  }, []);
  return { failures, act, fail, forget, retryOne, erase, deleted, addDeleted, endUndo };
}
