/**
 * One push subscription of the Pub/Sub on this machine: each message is sent until it is acknowledged, in no order.
 * https://cloud.google.com/pubsub/docs/push
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Authorizer } from '@media-analysis/local-cloud/tasks/authorization';
import type { Pusher } from '@media-analysis/local-cloud/tasks/push';
import { z } from 'zod';

const seconds = z
  .string()
  .regex(/^\d{1,3}(\.\d{1,9})?s$/)
  .transform((text) => Number(text.slice(0, -1)) * 1_000)
  .refine((ms) => ms <= 600_000);

/** https://cloud.google.com/pubsub/docs/reference/rest/v1/projects.subscriptions */
export const subscriptionSchema = z.strictObject({
  topic: z.string().regex(/^projects\/[^/]+\/topics\/[^/]+$/),
  pushConfig: z.strictObject({
    pushEndpoint: z.url(),
    oidcToken: z.strictObject({ serviceAccountEmail: z.email(), audience: z.string().min(1) }),
  }),
  ackDeadlineSeconds: z.number().int().min(10).max(600).default(10),
  retryPolicy: z
    .strictObject({
      minimumBackoff: seconds.default(10_000),
      maximumBackoff: seconds.default(600_000),
    })
    .prefault({}),
});
type SubscriptionConfig = z.infer<typeof subscriptionSchema>;

export interface PubsubMessage {
  messageId: string;
  publishTime: string;
  attributes: Record<string, string>;
  /** Base64. */
  data: string;
}

/** https://cloud.google.com/pubsub/docs/push#receive_push */
const ACKNOWLEDGING = [102, 200, 201, 202, 204];

export class PushSubscription {
  readonly config: SubscriptionConfig;
  readonly #name: string;
  readonly #pusher: Pusher;
  readonly #authorize: Authorizer;
  readonly #closing: AbortSignal;

  /** @param name `projects/…/subscriptions/…` */
  constructor(
    name: string,
    config: SubscriptionConfig,
    { pusher, authorize }: { pusher: Pusher; authorize: Authorizer },
    closing: AbortSignal,
  ) {
    this.config = config;
    this.#name = name;
    this.#pusher = pusher;
    this.#authorize = authorize;
    this.#closing = closing;
  }

  async deliver(message: PubsubMessage): Promise<void> {
    const { minimumBackoff, maximumBackoff } = this.config.retryPolicy;
    for (let tries = 0; !this.#closing.aborted; tries++) {
      if (await this.#push(message)) return;
      const waitMs = Math.min(maximumBackoff, minimumBackoff * 2 ** tries);
      await sleep(waitMs, undefined, { signal: this.#closing }).catch(() => undefined);
    }
  }

  /** @returns true if the message is acknowledged */
  async #push(message: PubsubMessage): Promise<boolean> {
    const { pushConfig, ackDeadlineSeconds } = this.config;
    const { pushEndpoint: url, oidcToken } = pushConfig;
    const { serviceAccountEmail: email, audience } = oidcToken;
    // Pub/Sub sends both spellings.
    const { messageId: message_id, publishTime: publish_time } = message;
    const body = { message: { ...message, message_id, publish_time }, subscription: this.#name };
    const result = await this.#pusher.push({
      url,
      method: 'POST',
      headers: {
        Authorization: await this.#authorize({ kind: 'oidc', email, audience }),
        'Content-Type': 'application/json',
        'User-Agent': 'APIs-Google; (+https://developers.google.com/webmasters/APIs-Google.html)',
        From: 'noreply@google.com',
      },
      body: Buffer.from(JSON.stringify(body)),
      deadlineMs: ackDeadlineSeconds * 1_000,
    });
    return result.kind === 'response' && ACKNOWLEDGING.includes(result.httpStatus);
  }
}
