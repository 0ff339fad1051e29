import { networkError } from '../../client/index.ts';

/** Loads the sample when the user asks for it. @throws {MediaClientError} if that fails */
export async function fetchSample(url: string): Promise<File> {
  try {
    const answer = await fetch(url);
    if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
    const photo = await answer.blob();
    // With a fixed date, a second press gives the same file.
    return new File([photo], 'sample.jpeg', { type: photo.type, lastModified: 0 });
  } catch (cause) {
    throw networkError(cause);
  }
}
