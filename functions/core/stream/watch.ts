/** An event stream of one caller: what it sends, and when it is opened. */
import { AppError } from '@media-analysis/shared/errors';
import { DONE_EVENT_ID } from '@media-analysis/shared/stream';
import type { ContractCall } from '../../http/contract-route.ts';
import { isMediaId, parseIds } from '../../http/ids.ts';
import { notFound } from '../media/record.ts';
import type { StreamBody } from './body.ts';
import { type EventConnection, StreamConnection } from './connection.ts';
import type { Hub, Subscriber } from './hub.ts';

interface Watching {
  connection: EventConnection;
  /** Resolves when the first state is known. */
  ready: Promise<Opening>;
  /** Called when the stream has ended, or was not opened. */
  stop(): void;
}

export interface Opening {
  /** @throws {AppError} if there is nothing to send */
  open(): void;
  logFields: object;
}

/** Begins to watch for a caller. */
export type Begin = (ownerId: string, body: StreamBody) => Promise<Watching>;

/** Reads what a caller asks for. @returns undefined if nothing more is to be sent @throws {AppError} `invalid_request` */
export type Watch = (call: ContractCall) => Begin | undefined;

/** Where the states of some ids come from. */
interface Origin {
  hub: () => Promise<Hub>;
  unknown: (ids: readonly string[]) => AppError;
}

/** The streams of some media, and of one. */
export function mediaWatches(hub: Origin['hub']) {
  const origin = { hub, unknown: unknownMedia };
  return {
    streamMany: watchIds(({ query }) => parseIds(query.ids ?? null), origin),
    streamMedia: watchIds(idOf, origin),
  };
}

/** The id in the address. */
export const idOf = ({ params }: ContractCall) => [params.id ?? ''];

/** Sends the state of each id and each change, until all are finished. */
export function watchIds(idsOf: (call: ContractCall) => string[], { hub, unknown }: Origin): Watch {
  return (call) => {
    const ids = idsOf(call);
    // 204 stops a plain EventSource, which would otherwise reconnect for ever after `done`.
    if (call.request.headers['last-event-id'] === DONE_EVENT_ID) return undefined;
    return async (ownerId, body) => {
      const connection = new StreamConnection(body, ids);
      const complete = Promise.withResolvers<void>();
      const take: Subscriber = (id, state) => {
        connection.push(id, state);
        if (connection.isComplete) complete.resolve();
      };
      const stop = (await hub()).subscribe(ownerId, ids.filter(isMediaId), take);
      for (const id of ids) if (!isMediaId(id)) take(id, { kind: 'absent', known: false });
      const open = () => {
        if (!connection.hasMedia) throw unknown(ids);
        connection.open();
      };
      const opening = { open, logFields: { ids: ids.length } };
      return { connection, ready: complete.promise.then(() => opening), stop };
    };
  };
}

function unknownMedia(ids: readonly string[]): AppError {
  const [first] = ids;
  if (ids.length === 1 && first !== undefined) return notFound(first);
  return new AppError('not_found', 'None of these media is yours.');
}
