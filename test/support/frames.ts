/** Sends a video with frames, as the page does: announced, frames and bytes, confirmed. */
import { readFile } from 'node:fs/promises';
import { createUploadsResponseSchema } from '@media-analysis/shared/large-uploads';
import sharp from 'sharp';
import { type client, photo } from './stack.ts';

export interface Sent {
  times: number[];
  jpegs: (Buffer | Blob)[];
  poster?: number;
}

export const clip = () => readFile(new URL('../videos/clip.mp4', import.meta.url));

/** A test photo as a JPEG, with a place in its EXIF: so nobody can take it for one that was encoded anew. */
export function frame(name: string, side = 640): Promise<Buffer> {
  const exif = { IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '35/1 41/1 0/1' } };
  return sharp(photo(name).pathname)
    .resize(side, side, { fit: 'inside' })
    .withExif(exif)
    .jpeg()
    .toBuffer();
}

function frameForm({ times, jpegs, poster }: Sent): FormData {
  const form = new FormData();
  form.append('times', times.join(','));
  if (poster !== undefined) form.append('poster', String(poster));
  for (const jpeg of jpegs) form.append('frames', new Blob([jpeg]), 'frame.jpg');
  return form;
}

type User = ReturnType<typeof client>;

/** @returns the id of a new media whose bytes have not come, and where they go */
export async function announceClip(user: User, size: number, more: object = {}) {
  const files = [{ file_name: 'clip.mp4', content_type: 'video/mp4', size, ...more }];
  const body = JSON.stringify({ files });
  const response = await user.call('/api/media/uploads', { method: 'POST', body });
  const { uploads } = createUploadsResponseSchema.parse(await response.json());
  return { id: uploads[0]?.media_id ?? '', url: uploads[0]?.upload_url ?? '' };
}

export const sendFrames = (user: User, id: string, sent: Sent) =>
  user.call(`/api/media/${id}/frames`, { method: 'POST', body: frameForm(sent) });

/** @returns the id of the video, whose work has begun */
export async function sendClip(user: User, sent: Sent): Promise<string> {
  const bytes = await clip();
  const { id, url } = await announceClip(user, bytes.length);
  const answer = await sendFrames(user, id, sent);
  if (answer.status !== 200) throw new Error(await answer.text());
  await fetch(url, { method: 'PUT', body: bytes });
  await user.call(`/api/media/${id}/uploaded`, { method: 'POST' });
  return id;
}
