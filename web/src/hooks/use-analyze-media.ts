/** Sending files, and acting on what became of them. */
import { useCallback, useMemo, useSyncExternalStore } from 'react';
import { useMediaClient, useMediaStore } from './context.ts';
import { type Upload, Uploads } from './uploads.ts';

export interface AnalyzeMedia {
  /** Every file that was given, until it is dismissed, in the order given. */
  uploads: readonly Upload[];
  /** Ids of what was accepted. */
  mediaIds: readonly string[];
  isSending: boolean;
  /** Sends files. What becomes of each shows in `uploads`; answers the ids of what was accepted. */
  analyze: (files: readonly File[]) => Promise<string[]>;
  /** Sends a file again that was not accepted. */
  sendAgain: (key: string) => Promise<string[]>;
  /** Stops whatever is not accepted yet. */
  cancel: () => void;
  /** Takes a file off the list. */
  dismiss: (key: string) => void;
}

/** @param options.language BCP 47: the language of the analysis's words. */
export function useAnalyzeMedia({ language }: { language?: string } = {}): AnalyzeMedia {
  const client = useMediaClient();
  const store = useMediaStore();
  const list = useMemo(() => new Uploads(client, store), [client, store]);
  const uploads = useSyncExternalStore(list.subscribe, list.getSnapshot, list.getSnapshot);
  const analyze = useCallback(
    (files: readonly File[]) => list.add(files, language),
    [list, language],
  );
  const sendAgain = useCallback((key: string) => list.sendAgain(key, language), [list, language]);
  const cancel = useCallback(() => list.cancel(), [list]);
  const dismiss = useCallback((key: string) => list.dismiss(key), [list]);
  return useMemo(
    () => ({
      uploads,
      mediaIds: uploads.flatMap(({ mediaId }) => mediaId ?? []),
      isSending: uploads.some(({ state }) => state === 'sending'),
      analyze,
      sendAgain,
      cancel,
      dismiss,
    }),
    [uploads, analyze, sendAgain, cancel, dismiss],
  );
}
