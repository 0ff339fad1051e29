/** What was asked for and not done. It is kept until it is done, or the person has read it. */

import { useCallback, useState } from 'react';
import type { Media } from '../../client/index.ts';

interface Act {
  kind: 'remove' | 'retry' | 'edit' | 'download' | 'export' | 'sample' | 'open';
  /** Of its media; of many that were asked for together, their ids with commas between them. */
  id: string;
  /** How many they are. Absent: one. */
  count?: number | undefined;
  /** Of the kind `remove`: whether it moves it to the bin, from where it can be brought back. */
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

export function useActs() {
  const [failures, setFailures] = useState<readonly Failure[]>([]);
  const forget = useCallback((...done: readonly Act[]) => {
    setFailures((now) =>
      now.filter((each) => !done.some(({ kind, id }) => kind === each.kind && id === each.id)),
    );
  }, []);
  const fail = useCallback(
    (failure: Failure) => {
      forget(failure);
      setFailures((now) => [...now, failure]);
    },
    [forget],
  );
  /** Never throws: what goes wrong is among `failures`. */
  const act = useCallback(
    (one: Act & { work: () => Promise<void> }): Promise<void> =>
      one.work().then(
        () => forget(one),
        (error: unknown) => fail({ ...one, error }),
      ),
    [forget, fail],
  );
  return { failures, act, fail, forget };
}
