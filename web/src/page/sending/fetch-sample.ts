import { networkError } from '../../client/index.ts';

/** Loaded when it is asked for. @throws {MediaClientError} if it does not come */
export async function fetchSample(url: string): Promise<File> {
  try {
    const answer = await fetch(url);
    if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
    const photo = await answer.blob();
    // Of two presses, the second one gives the same file.
    return new File([photo], 'sample.jpeg', { type: photo.type, lastModified: 0 });
  } catch (cause) {
    throw networkError(cause);
  }
}
