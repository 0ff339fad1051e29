/** What was not done is kept until it is, or the person has read it; what was deleted, as long as it can be brought back at once. */
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
  /** Of its media; of many that were asked for together, their ids with commas between them. */
  id: string;
  /** How many they are. Absent: one; 0: more than are known. */
  count?: number | undefined;
  /** It moves them to the bin, from which they can be brought back. */
  isToBin?: boolean;
  /** Does it, also a second time. Absent: another try cannot succeed. */
  work?: () => Promise<void>;
}

export interface Failure extends Act {
  error?: unknown;
  /** Of the kind `open`: the media that cannot be shown. Absent: it is gone. */
  media?: Media | undefined;
  /** The name of its file, if it was shown before it was gone. */
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
  /** Never throws: what goes wrong is among `failures`. */
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
  /** It takes the place of what was deleted before, which stays in the bin. */
  const addDeleted = useCallback((...ids: readonly string[]) => setDeleted(ids), []);
  /** @param back Those that are back. Absent: no undo is offered any more. */
  const endUndo = useCallback((back?: readonly string[]) => {
    setDeleted((now) => (back ? now.filter((id) => !back.includes(id)) : []));
  }, []);
  return { failures, act, fail, forget, retryOne, erase, deleted, addDeleted, endUndo };
}
