/** Sends the frames of a video after the video. Loaded with the first video that has frames. */
import { errorOfAnswer } from './errors.ts';
import type { VideoFrames } from './frames.ts';
import { type Http, mediaPath } from './http.ts';
import type { Send } from './send.ts';

/** @throws {MediaClientError}; the signal's reason */
export async function sendFrames(
  mediaId: string,
  { times, pictures, poster }: VideoFrames,
  signal: AbortSignal | undefined,
  { http, send }: { http: Http; send: Send },
): Promise<void> {
  const url = http.url(mediaPath(mediaId, '/frames'));
  const form = new FormData();
  // Whole milliseconds: the server reads no powers of ten.
  form.append('times', times.map((time) => time.toFixed(3)).join(','));
  form.append('poster', String(poster));
  for (const picture of pictures) form.append('frames', picture, 'frame.jpg');
  const headers = await http.authorization(false);
  const answer = await send(url, form, { method: 'POST', headers, signal, onSent: () => {} });
  if (answer.status === 200) return;
  throw errorOfAnswer(answer.status, answer.header('Retry-After'), answer.body);
}
