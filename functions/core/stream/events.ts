/**
 * Server-Sent Events, each as one chunk. Each field is always one line: the data is JSON, which has no raw
 * line break, and ids are numbers, times or fixed words.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */

import type { ErrorCode } from '@media-analysis/shared/error-codes';
import type { Media } from '@media-analysis/shared/media';
import type { MediaStatus } from '@media-analysis/shared/status';
import { DONE_EVENT_ID } from '@media-analysis/shared/stream';
import { type Chunk, chunk } from './body.ts';

/** How long a client waits before it reconnects, in milliseconds. */
const RETRY_MS = 1_000;

// No empty line follows these two: some clients, such as httpx-sse, would make an event without data of it.
export const HEARTBEAT = chunk(': keep-alive\n');
export const OPENING = chunk(`retry: ${RETRY_MS}\n`);

/** The state of a watched id. */
export type MediaState =
  | { kind: 'present'; status: MediaStatus; event: Chunk }
  /** `known`: the media existed while it was watched. Otherwise the id is unknown or another owner's. */
  | { kind: 'absent'; known: boolean }
  /** A later release has written the media in a way that this one cannot show. */
  | { kind: 'unreadable' };

export function mediaEvent(media: Media): Chunk {
  return chunk(`id: ${media.revision}\ndata: ${JSON.stringify(media)}\n\n`);
}

/**
 * The event that sends this state to a subscriber. `removed`: the media was deleted while it was watched. `problem`: the
 * media cannot be shown now (`unavailable`), or the id is unknown or belongs to another owner: these two look the same.
 */
export function mediaStateEvent(mediaId: string, state: MediaState): Chunk {
  if (state.kind === 'present') return state.event;
  if (state.kind === 'unreadable') {
    return named('problem', { media_id: mediaId, code: 'unavailable' satisfies ErrorCode });
  }
  return state.known
    ? named('removed', { media_id: mediaId })
    : named('problem', { media_id: mediaId, code: 'not_found' });
}

/** Every watched media reached a terminal status; the server ends the response. */
export function doneEvent(counts: { completed: number; failed: number }): Chunk {
  return chunk(`event: done\nid: ${DONE_EVENT_ID}\ndata: ${JSON.stringify(counts)}\n\n`);
}

function named(event: string, data: object): Chunk {
  return chunk(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}
