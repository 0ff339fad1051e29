/** Sends one message to its receiver, and writes down what came of it: `features/webhooks/outbox.ts` has made the message. */
import {
  type DocumentReference,
  type DocumentSnapshot,
  type Firestore,
  Timestamp,
} from '@google-cloud/firestore';
import { isTerminal, MEDIA_STATUSES } from '@media-analysis/shared/status';
import type { WebhookTask } from '@media-analysis/shared/webhooks';
import { MEDIA_COLLECTION } from '../../core/media/record.ts';
import type { Answer } from '../../core/work/work.ts';
import type { ServiceKeys } from '../../http/service-keys.ts';
import type { Loopback } from '../../outbound/allowed-address.ts';
import {
  ALREADY_EXISTS,
  FAILED_PRECONDITION,
  hasCode,
  NOT_FOUND,
} from '../../process/grpc-status.ts';
import type { Logger } from '../../process/log.ts';
import { type DeliveryRecord, deliveryRef, TOPIC } from './delivery-record.ts';
import { holdsUp, waiting } from './order.ts';
import type { WebhookOutbox } from './outbox.ts';
import { PostError, type post } from './post.ts';
import type { Publish } from './publish.ts';
import type { WebhookQueue } from './queue.ts';
import { type Addressee, type Receivers, receiverAt } from './receivers.ts';
import { webhookHeaders } from './signature.ts';
import { secretsOf, type WebhookRecord, type Webhooks } from './webhooks.ts';

const MINUTE = 60;
const HOUR = 3_600;

/**
 * Seconds from one try to the next, about 28 hours in all: a receiver that is away for a day gets everything, at most four
 * hours after it is back.
 */
export const WAITS_S: readonly number[] = [
  ...[1, 5, 30, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR],
  ...[4 * HOUR, 4 * HOUR, 4 * HOUR, 4 * HOUR, 4 * HOUR, 4 * HOUR],
];

/** Each wait is up to so much longer, so that a receiver which comes back does not get everything in one moment. */
const JITTER = 0.1;

/** So many attempts are kept for those who look. */
const KEPT_ATTEMPTS = 20;

const GONE = 410;
/** The worker answers Cloud Tasks so that it delivers a task again which could not be worked on. */
const AGAIN: Answer = { done: false, status: 503, retryAfterMs: 1_000 };
const DONE: Answer = { done: true };

export interface WebhookDeps {
  firestore: Firestore;
  webhooks: Webhooks;
  keys: Pick<ServiceKeys, 'callbackSecret'>;
  outbox: WebhookOutbox;
  receivers: Receivers;
  queue: Pick<WebhookQueue, 'enqueueWebhook'>;
  post: typeof post;
  /** To the topic. Absent: there is none. */
  publish?: Publish | undefined;
  loopback: Loopback;
  logger: Logger;
  now: () => number;
  random: () => number;
}

interface Limits {
  signal: AbortSignal;
  timeoutMs: number;
}

interface Receiver extends Addressee {
  /** @returns the status of its answer @throws {PostError} */
  send: (body: string, limits: Limits) => Promise<number>;
  /** Absent: an address that one request has named, or the topic. */
  webhook?: WebhookRecord;
}

interface Outcome {
  status: number | null;
  error: string | null;
  duration_ms: number;
}

/** It was not asked, because it has not answered a moment ago. */
const SILENT: Outcome = { status: null, error: 'silent', duration_ms: 0 };

export interface DeliverOptions {
  /** Aborted when the instance shuts down. */
  signal: AbortSignal;
  /** Whether the task comes from the queue of slow receivers. */
  isInSlowQueue: boolean;
}

export async function deliverWebhook(
  task: WebhookTask,
  deps: WebhookDeps,
  { signal, isInSlowQueue }: DeliverOptions,
): Promise<Answer> {
  const { delivery_id, round, tries } = task;
  const snapshot = await deliveryRef(deps.firestore, delivery_id).get();
  const record = snapshot.data() as DeliveryRecord | undefined;
  if (!record) return DONE;
  // The process may have died before it did this.
  if (record.state !== 'pending') return sendNext(record, deps);
  // Cloud Tasks may deliver a task twice: what it was made for is done then.
  if (record.round !== round || record.tries !== tries) return DONE;
  if (record.body === null) return endBatch(record, snapshot, deps);
  if (!(await isItsTurn(snapshot, record, deps))) return DONE;
  const receiver = await receiverOf(record, deps);
  if (!receiver) return giveUp(snapshot, record, { error: 'no_receiver' }, deps);
  // Somebody has it sent again to see whether that works now, or it is the last try.
  const isAsked = (round > 0 && tries === 0) || tries >= WAITS_S.length;
  const turn = await deps.receivers.turn(receiver, isInSlowQueue, isAsked);
  if (turn.kind === 'move') return moveToSlowQueue(task, deps);
  if (turn.kind === 'silent') return writeOutcome(snapshot, record, receiver, SILENT, deps);
  const { timeoutMs, seen } = turn;
  const outcome = await send(receiver, record.body, { signal, timeoutMs }, deps);
  // The instance shuts down: nothing is known of this try, so it does not count.
  if (!outcome) return AGAIN;
  await deps.receivers.note(receiver, seen, outcome).catch((error: unknown) => {
    deps.logger.error({ delivery_id, error }, 'not noted how long a receiver took');
  });
  return writeOutcome(snapshot, record, receiver, outcome, deps);
}

/** @returns false if an earlier message about the same media is still to be taken: its end makes another task for this one */
async function isItsTurn(
  { ref, updateTime }: DocumentSnapshot,
  { after, round }: DeliveryRecord,
  { firestore, outbox, now }: WebhookDeps,
): Promise<boolean> {
  // What somebody has sent again by hand waits for nothing.
  if (after === undefined || round > 0) return true;
  const read = async () =>
    (await deliveryRef(firestore, after).get()).data() as DeliveryRecord | undefined;
  const earlier = await read();
  if (!holdsUp(earlier)) return true;
  await update(ref, waiting(now()), updateTime);
  // If it has ended before this was written, it has made no other task.
  if (!holdsUp(await read())) await outbox.sendNext(earlier);
  return false;
}

/** A task that is lost there is made again within the hour, as the sweep makes this one again. */
async function moveToSlowQueue(task: WebhookTask, { queue, now }: WebhookDeps): Promise<Answer> {
  const suffix = `-h${Math.floor(now() / (HOUR * 1_000))}`;
  await queue.enqueueWebhook(task, { isSlow: true }, suffix);
  return DONE;
}

async function sendNext(
  record: DeliveryRecord,
  { outbox, logger }: Pick<WebhookDeps, 'outbox' | 'logger'>,
): Promise<Answer> {
  try {
    await outbox.sendNext(record);
    return DONE;
  } catch (error) {
    logger.error({ delivery_id: record.id, error }, 'the next message is not enqueued yet');
    return AGAIN;
  }
}

/** @returns undefined if it is not there any more, or gets nothing */
async function receiverOf(
  record: DeliveryRecord,
  deps: WebhookDeps,
): Promise<Receiver | undefined> {
  const { webhook_id, callback } = record;
  const { webhooks, keys, publish, now } = deps;
  if (webhook_id === TOPIC) {
    const send = publish && ((body: string, limits: Limits) => publish(record, body, limits));
    return send && { send, receiver: TOPIC, registrant: TOPIC };
  }
  if (callback) {
    const secret = await keys.callbackSecret(callback.key_id);
    return secret === undefined ? undefined : toAddress(callback.url, [secret], record, deps);
  }
  const webhook = await webhooks.find(webhook_id ?? '');
  if (webhook?.state !== 'enabled') return undefined;
  const registrant = webhook.owner_id ?? webhook.key_id;
  const address = toAddress(webhook.url, secretsOf(webhook, now()), record, deps);
  return { ...address, registrant, webhook };
}

function toAddress(
  url: string,
  secrets: string[],
  { event_id, owner_id }: DeliveryRecord,
  { post, loopback, now }: WebhookDeps,
): Receiver {
  return {
    receiver: receiverAt(url),
    registrant: owner_id,
    send: (body, limits) => {
      const headers = {
        ...webhookHeaders(event_id, now(), body, secrets),
        'Content-Type': 'application/json',
        'User-Agent': 'media-analysis',
      };
      return post(url, headers, body, { loopback, ...limits });
    },
  };
}

async function send(
  receiver: Receiver,
  body: string,
  limits: Limits,
  { now }: WebhookDeps,
): Promise<Outcome | undefined> {
  const started = now();
  const since = () => Math.max(0, Math.round(now() - started));
  try {
    const status = await receiver.send(body, limits);
    return { status, error: null, duration_ms: since() };
  } catch (error) {
    if (limits.signal.aborted) return undefined;
    if (!(error instanceof PostError)) throw error;
    return { status: null, error: error.message, duration_ms: since() };
  }
}

async function writeOutcome(
  snapshot: DocumentSnapshot,
  record: DeliveryRecord,
  { webhook }: Receiver,
  outcome: Outcome,
  deps: WebhookDeps,
): Promise<Answer> {
  const { webhooks, outbox, logger, now, random } = deps;
  const { id: delivery_id, tries, event_id, type } = record;
  const { status, error } = outcome;
  const isTaken = status !== null && status >= 200 && status < 300;
  const { webhook_id } = record;
  const result = { ...outcome, outcome: isTaken ? 'taken' : 'refused' };
  logger.info({ delivery_id, webhook_id, type, tries, ...result }, 'message tried');
  if (isTaken) {
    if (webhook) await webhooks.noteOutcome(webhook, true);
    return end(snapshot, record, outcome, 'delivered', deps);
  }
  if (webhook) await webhooks.noteOutcome(webhook, false);
  if (status === GONE) {
    if (webhook && (await webhooks.disable(webhook, 'gone'))) {
      logger.error({ webhook_id: webhook.id }, 'webhook disabled: its receiver says it is gone');
    }
    return giveUp(snapshot, record, outcome, deps);
  }
  const wait = WAITS_S[tries];
  if (wait === undefined) {
    if (
      webhook &&
      webhooks.hasFailedForDays(webhook) &&
      (await webhooks.disable(webhook, 'failing'))
    ) {
      logger.error({ webhook_id: webhook.id }, 'webhook disabled: it has taken nothing for days');
    }
    // The receiver's fault, not ours.
    logger.warn(
      { delivery_id, event_id, status, error },
      'a webhook was not taken, and is given up',
    );
    return giveUp(snapshot, record, outcome, deps);
  }
  const delayMs = wait * 1_000 * (1 + JITTER * random());
  const due_at = Timestamp.fromMillis(now() + delayMs);
  const next = { tries: tries + 1, due_at };
  if (!(await write(snapshot, record, outcome, next, deps))) return AGAIN;
  await outbox.enqueue({ ...record, ...next }, { delayMs }).catch((cause: unknown) => {
    logger.error({ delivery_id, error: cause }, 'not enqueued; the sweeper will do it');
  });
  return DONE;
}

async function giveUp(
  snapshot: DocumentSnapshot,
  record: DeliveryRecord,
  outcome: Partial<Outcome>,
  deps: WebhookDeps,
): Promise<Answer> {
  const said = { status: null, error: null, duration_ms: 0, ...outcome };
  return end(snapshot, record, said, 'failed', deps);
}

/** The message is sent no more, and the one that has waited for it is. */
async function end(
  snapshot: DocumentSnapshot,
  record: DeliveryRecord,
  outcome: Outcome,
  state: 'delivered' | 'failed',
  deps: WebhookDeps,
): Promise<Answer> {
  const patch = { state, due_at: null, ...(record.holds && { holds: false }) };
  return (await write(snapshot, record, outcome, patch, deps)) ? sendNext(record, deps) : AGAIN;
}

async function write(
  { ref, updateTime }: DocumentSnapshot,
  { attempts }: DeliveryRecord,
  outcome: Outcome,
  patch: Partial<DeliveryRecord>,
  { now }: WebhookDeps,
): Promise<boolean> {
  const attempt = { at: Timestamp.fromMillis(now()), ...outcome };
  const kept = [...attempts, attempt].slice(-KEPT_ATTEMPTS);
  return update(ref, { ...patch, attempts: kept }, updateTime);
}

/** @returns false if it was changed meanwhile: somebody has it sent again, or another delivery of the task was quicker */
async function update(
  ref: DocumentReference,
  patch: Partial<DeliveryRecord>,
  lastUpdateTime: Timestamp | undefined,
): Promise<boolean> {
  try {
    await ref.update(patch, lastUpdateTime ? { lastUpdateTime } : {});
    return true;
  } catch (error) {
    if (hasCode(error, FAILED_PRECONDITION, NOT_FOUND)) return false;
    throw error;
  }
}

const UNFINISHED = MEDIA_STATUSES.filter((status) => !isTerminal(status));

/** A media of a batch has ended. If it was the last one, the message is that the batch has. */
async function endBatch(
  record: DeliveryRecord,
  { ref }: DocumentSnapshot,
  { firestore, outbox }: WebhookDeps,
): Promise<Answer> {
  const { owner_id, batch_id } = record;
  const batch = firestore
    .collection(MEDIA_COLLECTION)
    .where('owner_id', '==', owner_id)
    .where('batch_id', '==', batch_id);
  const unfinished = await batch.where('status', 'in', UNFINISHED).limit(1).select().get();
  if (!unfinished.empty) {
    await ref.delete();
    return DONE;
  }
  const [all, bad] = await Promise.all([
    batch.count().get(),
    batch.where('status', '==', 'failed').count().get(),
  ]);
  const [total, failed] = [all.data().count, bad.data().count];
  const message = outbox.batchCompleted(record, { total, failed });
  const commit = firestore.batch();
  commit.delete(ref);
  commit.create(deliveryRef(firestore, message.id), message);
  await commit.commit().catch(async (error: unknown) => {
    if (!hasCode(error, ALREADY_EXISTS)) throw error;
    // Another media, which has ended at the same time, has made it.
    await ref.delete();
  });
  await outbox.send([message]);
  return DONE;
}
