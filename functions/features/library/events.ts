/** The events of a library's stream. Their ids are times, from which a later stream can go on. */
import type { Media } from '@media-analysis/shared/media';
import { type Chunk, chunk } from '../../core/stream/body.ts';

/** The first event of a stream. Changes from this time on follow. */
export function sinceEvent(sinceMs: number): Chunk {
  return resumable('since', sinceMs, { since: new Date(sinceMs).toISOString() });
}

/** @param atMs A later stream goes on from here, if this is the last event that was read. */
export function changeEvent(media: Media, atMs: number): Chunk {
  return resumable(undefined, atMs, media);
}

export function removedEvent(mediaId: string, atMs: number): Chunk {
  return resumable('removed', atMs, { media_id: mediaId });
}

function resumable(event: string | undefined, atMs: number, data: object): Chunk {
  const name = event === undefined ? '' : `event: ${event}\n`;
  return chunk(`${name}id: ${new Date(atMs).toISOString()}\ndata: ${JSON.stringify(data)}\n\n`);
}
