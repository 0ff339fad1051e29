/** Tells unreadable files from a connection that is down: the browser reports the same error for both. */
import { MediaClientError } from './errors.ts';
import { type LargeDeps, remove } from './large-upload.ts';
import type { Candidate, SendQueue } from './requests.ts';

/** @returns the error of each file that was changed, moved or deleted after it was chosen, by the position of the file */
export async function changedFiles(files: readonly File[]): Promise<Map<number, MediaClientError>> {
  const errors = new Map<number, MediaClientError>();
  for (const [position, file] of files.entries()) {
    try {
      await file.slice(0, 1).arrayBuffer();
    } catch (cause) {
      const message = `“${file.name}” was changed, moved or deleted after it was chosen. Choose it again.`;
      errors.set(position, new MediaClientError('media_missing', message, { status: 410, cause }));
    }
  }
  return errors;
}

interface Sending {
  fail: (failed: readonly Candidate[], error: unknown) => void;
  queue: Pick<SendQueue, 'sendFirst'>;
  deps: LargeDeps;
}

/** Fails the files of a request that cannot be read any more, and sends the others again. Fails all files if all can be read. */
export async function failChanged(
  all: readonly Candidate[],
  error: unknown,
  { fail, queue, deps }: Sending,
): Promise<void> {
  const errors = await changedFiles(all.map(({ file }) => file));
  if (errors.size === 0) return fail(all, error);
  for (const [n, candidate] of [...all.entries()].reverse()) {
    const changed = errors.get(n);
    if (!changed) queue.sendFirst(candidate);
    else {
      fail([candidate], changed);
      // Otherwise the server would wait a day for its bytes.
      const { mediaId } = deps.unfinished.get(candidate.file) ?? {};
      if (mediaId !== undefined) remove(mediaId, deps);
    }
  }
}
