/** Loaded when the sample is asked for. */
import { networkError } from '../../client/index.ts';

/** A second press means the same photo. */
let isComing = false;

/** Nothing is done while it is on its way for another call. @throws {MediaClientError} if it does not come */
export async function fetchSample(url: string, onFiles: (files: File[]) => void): Promise<void> {
  if (isComing) return;
  isComing = true;
  try {
    const answer = await fetch(url);
    if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
    const photo = await answer.blob();
    onFiles([new File([photo], `sample.${photo.type.replace(/.*\//, '')}`, { type: photo.type })]);
  } catch (cause) {
    throw networkError(cause);
  } finally {
    isComing = false;
  }
}
