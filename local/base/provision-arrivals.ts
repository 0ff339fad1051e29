/** Stands in for Terraform's `import_new_objects`: buckets notify a topic of new objects, which pushes to the worker. */
import {
  type ArrivalRule,
  fixedPrefixOf,
} from '@media-analysis/functions/features/imports/arrival-rules';
import { z } from 'zod';

interface ArrivalPlaces {
  project: string;
  /** `http://host:port` */
  storage: string;
  /** `host:port` */
  pubsub: string;
  workerUrl: string;
  /** The account with which Pub/Sub calls the worker. */
  account: string;
}

const listSchema = z.object({
  items: z.array(z.object({ id: z.string(), topic: z.string() })).default([]),
});

/** The buckets exist. Notifications of an earlier start are made anew: its rules may have been others. */
export async function provisionArrivals(
  rules: readonly ArrivalRule[],
  { project, storage, pubsub, workerUrl, account }: ArrivalPlaces,
): Promise<void> {
  if (rules.length === 0) return;
  const topic = `projects/${project}/topics/media-arrivals`;
  await call('PUT', `http://${pubsub}/v1/projects/${project}/subscriptions/media-arrivals`, {
    topic,
    pushConfig: {
      pushEndpoint: `${workerUrl}/tasks/arrival`,
      oidcToken: { serviceAccountEmail: account, audience: workerUrl },
    },
    // As in terraform/arrivals.tf.
    ackDeadlineSeconds: 60,
    retryPolicy: { minimumBackoff: '1s', maximumBackoff: '600s' },
  });
  const told = `//pubsub.googleapis.com/${topic}`;
  for (const bucket of new Set(rules.map((rule) => rule.bucket))) {
    const url = `${storage}/storage/v1/b/${bucket}/notificationConfigs`;
    for (const { id, topic: of } of listSchema.parse(await call('GET', url)).items) {
      if (of === told) await call('DELETE', `${url}/${id}`);
    }
    for (const prefix of new Set(
      rules.filter((rule) => rule.bucket === bucket).map(fixedPrefixOf),
    )) {
      await call('POST', url, {
        topic: told,
        payload_format: 'JSON_API_V1',
        event_types: ['OBJECT_FINALIZE'],
        ...(prefix !== '' && { object_name_prefix: prefix }),
      });
    }
  }
}

async function call(method: string, url: string, body?: object): Promise<unknown> {
  const response = await fetch(url, {
    method,
    headers: { 'Content-Type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`New objects cannot be imported here: ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}
