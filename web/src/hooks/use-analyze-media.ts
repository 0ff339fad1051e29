/** Sends files, and shows and changes their state. */
import { useEffect, useMemo, useSyncExternalStore } from 'react';
import type { AnalysisName } from '../client/index.ts';
import { useMediaCache, useMediaClient } from './context.ts';
import type { Upload, Wishes } from './uploads/list.ts';
import { createUploads } from './uploads.ts';

/** Returned by `useAnalyzeMedia`. The functions stay the same while the client and the options do. */
export interface AnalyzeMedia {
  /** All files that were given and not dismissed, the last call first; with `keepFor`, the files of all tabs of the browser. */
  uploads: readonly Upload[];
  /** The ids of the accepted files. */
  mediaIds: readonly string[];
  /** True while a file is being sent. */
  isSending: boolean;
  /** With `keepFor`: false until the files kept before a reload are among `uploads`. */
  isRestored: boolean;
  /** Sends files, and returns the ids of those that are accepted. It does not throw: `uploads` shows the outcome of each file. */
  analyze: (files: readonly File[]) => Promise<string[]>;
  /** Sends rejected or stopped files again, by their `key`, as `analyze` does. Bytes that have arrived are not sent twice. */
  sendAgain: (...keys: string[]) => Promise<string[]>;
  /** Seconds until everything is sent; null if not known, as in the first seconds. */
  secondsLeft: number | null;
  /** True while sending is paused. The pause ends by itself when nothing is left to send. */
  isPaused: boolean;
  /** Stops sending bytes until it is called with `false`. With `keepFor`, a reload does not end the pause. */
  pause: (isPaused?: boolean) => void;
  /** Stops all files that are not accepted yet: they are `stopped`, and the server keeps nothing of them. */
  cancel: () => void;
  /** Stops only the files of this tab, and keeps none of them: for an app whose user signs out. */
  cancelHere: () => void;
  /** Takes a file off the list, by its `key`. If it is still being sent, the server does not keep it. */
  dismiss: (key: string) => void;
}

/**
 * Sends files to be analysed, and lists them with their outcome. Give `mediaIds` to `useMediaAnalysisSSE` to follow their
 * analysis.
 * @example
 * const { analyze, uploads } = useAnalyzeMedia({ language: 'en' });
 * const states = uploads.map(({ file, state }) => `${file.name}: ${state}`);
 */
export function useAnalyzeMedia({
  language,
  analyses,
  metadata,
  keepFor,
}: {
  /** BCP 47: the language in which the model writes; English by default. */
  language?: string | undefined;
  /** The analyses to make of each file, at least one; by default only `describe`. They apply to files sent again, too. */
  analyses?: readonly AnalysisName[] | undefined;
  /** Your own texts for each file, as in `AnalyzeOptions`. They apply to files sent again, too. */
  metadata?: Readonly<Record<string, string>> | undefined;
  /**
   * The signed-in user; any text for an app without users. With it, the browser keeps files until they are accepted or dismissed,
   * and continues after a reload or a crash without sending bytes twice. It needs Web Locks, so a page by https. Without it, a
   * reload loses the files that are not accepted. See `forgetUploads`.
   */
  keepFor?: string | undefined;
} = {}): AnalyzeMedia {
  const client = useMediaClient();
  const store = useMediaCache();
  const list = useMemo(() => createUploads(client, store), [client, store]);
  const uploads = useSyncExternalStore(list.subscribe, list.getSnapshot, list.getSnapshot);
  useEffect(() => {
    if (keepFor !== undefined) return list.keep(keepFor);
  }, [list, keepFor]);
  // New objects with the same content must not make new functions.
  const asked = JSON.stringify({ language, analyses, metadata });
  const wishes = useMemo((): Wishes => JSON.parse(asked), [asked]);
  const actions = useMemo(() => {
    const { pause, cancel, cancelHere, dismiss } = list;
    return {
      analyze: (files: readonly File[]) => list.add(files, wishes),
      sendAgain: (...keys: string[]) => list.sendAgain(keys, wishes),
      pause,
      cancel,
      cancelHere,
      dismiss,
    };
  }, [list, wishes]);
  return useMemo(
    () => ({
      ...actions,
      uploads,
      mediaIds: uploads.flatMap(({ mediaId }) => mediaId ?? []),
      isSending: uploads.some(({ state }) => state === 'sending'),
      isRestored: list.isRestored(),
      isPaused: list.isPaused(),
      secondsLeft: list.secondsLeft(),
    }),
    [list, uploads, actions],
  );
}
