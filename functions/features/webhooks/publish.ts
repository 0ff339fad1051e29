/**
 * Publishes an event to a topic of Pub/Sub, as a CloudEvent in binary mode: a subscription can filter by its attributes.
 * https://github.com/googleapis/google-cloudevents/blob/main/docs/spec/pubsub.md#31-binary-content-mode
 *
 * It uses the REST API, because Google's client for Pub/Sub is larger than everything else that a worker loads.
 */
import { googleAuth } from '../../process/clients.ts';
import { untilAborted } from '../../process/time-limit.ts';
import { PostError } from './post.ts';

interface PublishConfig {
  /** `projects/PROJECT/topics/TOPIC`. Without it nothing is published. */
  EVENTS_TOPIC?: string | undefined;
  GOOGLE_CLOUD_PROJECT: string;
  PUBSUB_EMULATOR_HOST?: string | undefined;
}

interface PublishedEvent {
  event_id: string;
  media_id?: string | null;
  batch_id: string | null;
}

/** @returns the status of the answer @throws {PostError} */
export type Publish = (
  event: PublishedEvent,
  body: string,
  limits: { signal: AbortSignal; timeoutMs: number },
) => Promise<number>;

/** @returns undefined if there is no topic */
export function createPublish(config: PublishConfig): Publish | undefined {
  const { EVENTS_TOPIC: topic, PUBSUB_EMULATOR_HOST: emulator } = config;
  if (topic === undefined) return undefined;
  const host = emulator === undefined ? 'https://pubsub.googleapis.com' : `http://${emulator}`;
  return async (event, body, { signal, timeoutMs }) => {
    const timeout = AbortSignal.timeout(timeoutMs);
    const stop = AbortSignal.any([signal, timeout]);
    try {
      const answer = await fetch(`${host}/v1/${topic}:publish`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...(emulator ? {} : await token(stop)) },
        body: JSON.stringify({ messages: [toPubsubMessage(event, body, config)] }),
        signal: stop,
      });
      await answer.arrayBuffer();
      return answer.status;
    } catch (error) {
      if (signal.aborted) throw error;
      throw new PostError(timeout.aborted ? 'timeout' : 'no_answer', { cause: error });
    }
  };
}

/** `untilAborted`, because Google's client accepts no signal here. */
async function token(signal: AbortSignal): Promise<Record<string, string>> {
  const access = await untilAborted(
    googleAuth().then((auth) => auth.getAccessToken()),
    signal,
  );
  return { Authorization: `Bearer ${access}` };
}

/** The ordering key is the id of the media: a subscription with ordering delivers its events in the order of publishing. */
function toPubsubMessage(
  { event_id, media_id, batch_id }: PublishedEvent,
  body: string,
  { GOOGLE_CLOUD_PROJECT: project }: Pick<PublishConfig, 'GOOGLE_CLOUD_PROJECT'>,
) {
  const { type, timestamp, data } = JSON.parse(body) as Record<string, string>;
  const subject = media_id ?? batch_id;
  return {
    data: Buffer.from(JSON.stringify(data)).toString('base64'),
    attributes: {
      'ce-specversion': '1.0',
      'ce-id': event_id,
      'ce-source': `/projects/${project}/media-analysis`,
      'ce-type': type,
      'ce-time': timestamp,
      ...(subject && { 'ce-subject': subject }),
      'content-type': 'application/json',
    },
    ...(media_id && { orderingKey: media_id }),
  };
}
