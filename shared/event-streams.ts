/** Sends each change as it happens, as Server-Sent Events. */
import { z } from 'zod';
import { errorCodeSchema } from './errors.ts';
import { momentSchema } from './moment.ts';
import { COMMON, type Docs, defineRoutes, ONE } from './routes.ts';

/** The data of the event `problem`. */
const streamProblemSchema = z.object({
  /** The id that was asked for. */
  media_id: z.string(),
  /** The reason why the media is not sent. */
  code: errorCodeSchema,
});

/** The data of the event `removed`. */
const streamRemovedSchema = z.object({
  /** The media that was deleted. */
  media_id: z.string(),
});

/** The data of the event `since`. */
const streamSinceSchema = z.object({
  /** ISO 8601. The stream sends each change since then. */
  since: z.iso.datetime(),
});

/** The data of the event `done`. */
const streamDoneSchema = z.object({
  /** Number of completed media. */
  completed: z.number().int().nonnegative(),
  /** Number of failed media. */
  failed: z.number().int().nonnegative(),
});

const MEDIA_EVENTS = { 200: { events: 'media' }, 204: { nothing: true } } as const;

export const streamRoutes = defineRoutes({
  streamLibrary: {
    method: 'GET',
    path: '/api/media/stream',
    lastEventId: 'since',
    query: z.object({
      /** ISO 8601: the position of the last stream, at most an hour ago. Default: now. */
      since: momentSchema.optional(),
    }),
    answers: { 200: { events: 'library' } },
    codes: COMMON,
  },
  streamMany: {
    method: 'GET',
    path: '/api/agent/analyze-media/stream',
    lastEventId: 'done',
    query: z.object({
      /** At most 100 ids, separated by commas. */
      ids: z.string(),
    }),
    answers: MEDIA_EVENTS,
    codes: ONE,
  },
  streamMedia: {
    method: 'GET',
    path: '/api/media/{id}/stream',
    lastEventId: 'done',
    answers: MEDIA_EVENTS,
    codes: ONE,
  },
  streamReanalysis: {
    method: 'GET',
    path: '/api/reanalyses/{id}/stream',
    lastEventId: 'done',
    answers: { 200: { events: 'reanalysis' }, 204: { nothing: true } },
    codes: ONE,
  },
});

const STATES =
  'It begins with the state of each id and then sends each change. It carries state, not history: after a reconnect nothing is missing. The `id` of an event is its revision; the higher one is the newer. A stream ends after 50 to 55 minutes, and when the token of its caller does: connect again. After `done` send its id as `Last-Event-ID`, as every EventSource does, and the answer is 204.';

/** The description of each stream. */
export const STREAM_TEXT = {
  media: STATES,
  reanalysis: STATES,
  library:
    'It sends each media that is new, has changed or came back from the bin, whole, and `removed` for each that was deleted: whoever has done it. A state may come twice; the higher `revision` is the newer. The `id` of an event is a time: give the last one as `since`, or as `Last-Event-ID`, and the next stream goes on there. The first event says from when on nothing is missing. If that is later than the `since` that was asked for, because that was more than an hour or 1,000 changes ago, read the list. A media that is erased for good while no stream is open is not told. A stream ends after 50 to 55 minutes, and when the token of its caller does: connect again.',
} as const;

/** The events of a stream, each with a text and the schema of its data. */
export const EVENTS = {
  media: [
    {
      event: 'message',
      schema: 'Media',
      text: 'The whole state of a media. The event has no name.',
    },
    {
      event: 'problem',
      schema: 'StreamProblem',
      text: 'The media cannot be shown: `not_found`, if it is unknown or not the caller’s, or `unavailable`, if a later release has written it.',
    },
    { event: 'removed', schema: 'StreamRemoved', text: 'The media was deleted.' },
    {
      event: 'done',
      schema: 'StreamDone',
      text: 'Each media has ended. The stream ends with this event.',
    },
  ],
  library: [
    {
      event: 'since',
      schema: 'StreamSince',
      text: 'The first event: each change since then is sent.',
    },
    {
      event: 'message',
      schema: 'Media',
      text: 'The whole state of a media that has changed. The event has no name.',
    },
    { event: 'removed', schema: 'StreamRemoved', text: 'The media was deleted.' },
  ],
  reanalysis: [
    { event: 'reanalysis', schema: 'Reanalysis', text: 'The whole state of the reanalysis.' },
    { event: 'problem', schema: 'StreamProblem', text: 'It cannot be shown.' },
    { event: 'removed', schema: 'StreamRemoved', text: 'It is gone.' },
    {
      event: 'done',
      schema: 'StreamDone',
      text: 'It is completed or cancelled. The stream ends with this event.',
    },
  ],
} as const;

export const streamDocs = (): Docs<typeof streamRoutes> => ({
  routes: {
    streamLibrary: {
      group: 'Streams',
      title: 'Watch all media of the caller',
    },
    streamMany: {
      group: 'Streams',
      title: 'Watch up to 100 media',
    },
    streamMedia: {
      group: 'Streams',
      title: 'Watch one media',
    },
    streamReanalysis: {
      inPath: { id: 'The id of the reanalysis.' },
      group: 'Streams',
      title: 'Watch one reanalysis',
    },
  },
  inPath: { id: 'The id of the media.' },
  answeredSchemas: {
    StreamDone: streamDoneSchema,
    StreamProblem: streamProblemSchema,
    StreamRemoved: streamRemovedSchema,
    StreamSince: streamSinceSchema,
  },
});
