/** Sends one message to its receiver, and writes the outcome. `outbox.ts` makes the messages. */
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
import { blocksNext, waiting } from './order.ts';
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
 * Seconds from one try to the next, about 28 hours in all. A receiver that is down for a day gets everything within four hours
 * after it is up again.
 */
export const WAITS_S: readonly number[] = [
  ...[1, 5, 30, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR],
  ...[4 * HOUR, 4 * HOUR, 4 * HOUR, 4 * HOUR, 4 * HOUR, 4 * HOUR],
];

/** Each wait is longer by up to this share. Otherwise a receiver that is up again would get everything at once. */
const JITTER = 0.1;

/** Attempts that the log of a delivery shows. */
const KEPT_ATTEMPTS = 20;

const GONE = 410;
/** Cloud Tasks then delivers the task again. */
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
  /** Undefined if the deployment has no topic. */
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
  /** Undefined for the topic, and for a `callback_url`. */
  webhook?: WebhookRecord;
}

/** A message as it was read. It is written back only if nobody has changed it since. */
interface Message {
  record: DeliveryRecord;
  snapshot: DocumentSnapshot;
}

interface Outcome {
  status: number | null;
  error: string | null;
  duration_ms: number;
}

/** The receiver did not answer a moment ago, so this try was left out. */
const SILENT: Outcome = { status: null, error: 'silent', duration_ms: 0 };
/** The receiver was removed or disabled. */
const NO_RECEIVER: Outcome = { status: null, error: 'no_receiver', duration_ms: 0 };

export interface DeliverOptions {
  /** Aborted when the instance shuts down. */
  signal: AbortSignal;
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
  // The process that ended the delivery may have died before this.
  if (record.state !== 'pending') return sendNext(record, deps);
  // Cloud Tasks may deliver a task twice.
  if (record.round !== round || record.tries !== tries) return DONE;
  if (record.body === null) return endBatch(record, snapshot, deps);
  if (!(await isNext(snapshot, record, deps))) return DONE;
  const receiver = await receiverOf(record, deps);
  const message = { record, snapshot };
  if (!receiver) return end(message, NO_RECEIVER, 'failed', deps);
  const isByHand = round > 0 && tries === 0;
  const force = tries >= WAITS_S.length ? 'last' : isByHand ? 'by_hand' : undefined;
  const turn = await deps.receivers.turn(receiver, isInSlowQueue, force);
  if (turn.kind === 'move') return moveToSlowQueue(task, deps);
  if (turn.kind === 'silent') return writeOutcome(message, receiver, SILENT, deps);
  const { timeoutMs, seen } = turn;
  const outcome = await send(receiver, record.body, { signal, timeoutMs }, deps);
  // The instance shuts down, so the result of this try is not known. It does not count.
  if (!outcome) return AGAIN;
  await deps.receivers.note(receiver, seen, outcome).catch((error: unknown) => {
    deps.logger.error({ delivery_id, error }, 'not noted how long a receiver took');
  });
  return writeOutcome(message, receiver, outcome, deps);
}

/** @returns false while an earlier message about the same media is pending. Its end creates another task for this one. */
async function isNext(
  { ref, updateTime }: DocumentSnapshot,
  { after, round }: DeliveryRecord,
  { firestore, outbox, now }: WebhookDeps,
): Promise<boolean> {
  // A message that is sent again by hand does not wait.
  if (after === undefined || round > 0) return true;
  const read = async () =>
    (await deliveryRef(firestore, after).get()).data() as DeliveryRecord | undefined;
  const earlier = await read();
  if (!blocksNext(earlier)) return true;
  await update(ref, waiting(now()), updateTime);
  // The earlier one may have ended before this write. Then it created no task.
  if (!blocksNext(await read())) await outbox.sendNext(earlier);
  return false;
}

/** If that task is lost, the sweep replaces it within the hour. */
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
  deps: WebhookDeps,
): Receiver {
  const { loopback, now } = deps;
  return {
    receiver: receiverAt(url),
    registrant: owner_id,
    send: (body, limits) => {
      const headers = {
        ...webhookHeaders(event_id, now(), body, secrets),
        'Content-Type': 'application/json',
        'User-Agent': 'media-analysis',
      };
      return deps.post(url, headers, body, { loopback, ...limits });
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
  message: Message,
  { webhook }: Receiver,
  outcome: Outcome,
  deps: WebhookDeps,
): Promise<Answer> {
  const { record } = message;
  const { webhooks, outbox, logger, now, random } = deps;
  const { id: delivery_id, tries, event_id, type } = record;
  const { status, error } = outcome;
  const isTaken = status !== null && status >= 200 && status < 300;
  const { webhook_id } = record;
  const result = { ...outcome, outcome: isTaken ? 'taken' : 'refused' };
  logger.info({ delivery_id, webhook_id, type, tries, ...result }, 'message tried');
  if (isTaken) {
    if (webhook) await webhooks.noteOutcome(webhook, true);
    return end(message, outcome, 'delivered', deps);
  }
  if (webhook) await webhooks.noteOutcome(webhook, false);
  // If the webhook has another address by now, the message goes there next.
  if (status === GONE && (!webhook || (await webhooks.disable(webhook, 'gone')))) {
    if (webhook) {
      logger.error({ webhook_id: webhook.id }, 'webhook disabled: its receiver says it is gone');
    }
    return end(message, outcome, 'failed', deps);
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
    // A warning only: this is the receiver's fault.
    logger.warn(
      { delivery_id, event_id, status, error },
      'a webhook was not taken, and is given up',
    );
    return end(message, outcome, 'failed', deps);
  }
  const delayMs = wait * 1_000 * (1 + JITTER * random());
  const due_at = Timestamp.fromMillis(now() + delayMs);
  const next = { tries: tries + 1, due_at };
  if (!(await write(message, outcome, next, deps))) return AGAIN;
  await outbox.enqueue({ ...record, ...next }, { delayMs }).catch((cause: unknown) => {
    logger.error({ delivery_id, error: cause }, 'not enqueued; the sweeper will do it');
  });
  return DONE;
}

/** Ends the message. The one that waits for it goes next. */
async function end(
  message: Message,
  outcome: Outcome,
  state: 'delivered' | 'failed',
  deps: WebhookDeps,
): Promise<Answer> {
  const { record } = message;
  const patch = { state, due_at: null, ...(record.holds && { holds: false }) };
  return (await write(message, outcome, patch, deps)) ? sendNext(record, deps) : AGAIN;
}

async function write(
  { record, snapshot }: Message,
  outcome: Outcome,
  patch: Partial<DeliveryRecord>,
  { now }: WebhookDeps,
): Promise<boolean> {
  const attempt = { at: Timestamp.fromMillis(now()), ...outcome };
  const attempts = [...record.attempts, attempt].slice(-KEPT_ATTEMPTS);
  return update(snapshot.ref, { ...patch, attempts }, snapshot.updateTime);
}

/** @returns false if the record has changed: somebody sends it again, or another delivery of the task was quicker */
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

/** A media of a batch has ended. If it was the last one, a message says that the batch has ended. */
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
    // Another media ended at the same time, and created it.
    await ref.delete();
  });
  await outbox.send([message]);
  return DONE;
}
