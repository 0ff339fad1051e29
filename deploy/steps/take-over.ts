/**
 * Takes over resources that a killed run has made and not recorded: Terraform writes its state to the bucket every twenty
 * seconds, and at its end. The next run gets "already exists" for them. `numbered.ts` handles those that Google never refuses.
 */
import { z } from 'zod';
import { DeployError, type Deployment } from './deployment.ts';
import { list } from './restore-source.ts';
import type { Change, Stack } from './stack.ts';

/** An error of Terraform, with the resource that it is about. */
export interface ResourceError {
  address: string | undefined;
  text: string;
}

/** @param output standard error of Terraform, without colours */
export function errorsOf(output: string): ResourceError[] {
  return output
    .split(/^(?=Error: )/m)
    .filter((text) => text.startsWith('Error: '))
    .map((text) => ({ address: /^ +with ([^\s,]+(?:\["[^"]*"\])?),/m.exec(text)?.[1], text }));
}

/** A database has one daily schedule of backups. Google documents no words for the refusal of a second one. */
export function isThereAlready({ text }: ResourceError): boolean {
  return /already[ _]?exists|already own it|Error creating BackupSchedule: googleapi: Error 40[09]/i.test(
    text,
  );
}

/**
 * The import id of each kind of resource, from the attributes of its plan. Resources with data, or for the whole project, are not
 * here: the user decides (the variable `adopt`). Grants and settings need no import: making them twice is the same as once.
 */
const IDS: Record<string, string> = {
  google_artifact_registry_repository:
    'projects/{project}/locations/{location}/repositories/{repository_id}',
  google_cloud_run_v2_service: 'projects/{project}/locations/{location}/services/{name}',
  google_cloud_scheduler_job: 'projects/{project}/locations/{region}/jobs/{name}',
  google_cloud_tasks_queue: 'projects/{project}/locations/{location}/queues/{name}',
  // The API takes the name of a trigger for its number:
  // https://cloud.google.com/build/docs/api/reference/rest/v1/projects.locations.triggers/get
  google_cloudbuild_trigger: 'projects/{project}/locations/{location}/triggers/{name}',
  google_cloudfunctions2_function: 'projects/{project}/locations/{location}/functions/{name}',
  google_compute_backend_bucket: 'projects/{project}/global/backendBuckets/{name}',
  google_compute_backend_service: 'projects/{project}/global/backendServices/{name}',
  google_compute_global_address: 'projects/{project}/global/addresses/{name}',
  google_compute_global_forwarding_rule: 'projects/{project}/global/forwardingRules/{name}',
  google_compute_managed_ssl_certificate: 'projects/{project}/global/sslCertificates/{name}',
  google_compute_region_network_endpoint_group:
    'projects/{project}/regions/{region}/networkEndpointGroups/{name}',
  google_compute_security_policy: 'projects/{project}/global/securityPolicies/{name}',
  google_compute_ssl_policy: 'projects/{project}/global/sslPolicies/{name}',
  google_compute_target_http_proxy: 'projects/{project}/global/targetHttpProxies/{name}',
  google_compute_target_https_proxy: 'projects/{project}/global/targetHttpsProxies/{name}',
  google_compute_url_map: 'projects/{project}/global/urlMaps/{name}',
  google_logging_metric: '{project} {name}',
  google_monitoring_custom_service: 'projects/{project}/services/{service_id}',
  google_monitoring_slo: 'projects/{project}/services/{service}/serviceLevelObjectives/{slo_id}',
  google_project_iam_custom_role: 'projects/{project}/roles/{role_id}',
  google_pubsub_subscription: 'projects/{project}/subscriptions/{name}',
  google_pubsub_topic: 'projects/{project}/topics/{name}',
  google_secret_manager_secret: 'projects/{project}/secrets/{secret_id}',
  google_service_account:
    'projects/{project}/serviceAccounts/{account_id}@{project}.iam.gserviceaccount.com',
  google_storage_bucket: '{name}',
};

/** @returns the id for the import; undefined if it cannot be taken over by itself */
export function importId({ type, after }: Change, project: string): string | undefined {
  const template = IDS[type];
  if (template === undefined) return undefined;
  const values: Record<string, unknown> = { ...after, project: after.project ?? project };
  const names = [...template.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '');
  if (names.some((name) => typeof values[name] !== 'string')) return undefined;
  return template.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name]));
}

const vectorSchema = z.object({ dimension: z.number() });
/**
 * One index, as Terraform plans it and gcloud lists it:
 * https://cloud.google.com/firestore/docs/reference/rest/v1/projects.databases.collectionGroups.indexes
 */
const plannedIndexSchema = z.object({
  database: z.string(),
  collection: z.string(),
  query_scope: z.string().nullish(),
  fields: z.array(
    z.object({
      field_path: z.string(),
      order: z.string().nullish(),
      array_config: z.string().nullish(),
      vector_config: z.array(vectorSchema).nullish(),
    }),
  ),
});
const indexSchema = z.object({
  name: z.string(),
  queryScope: z.string(),
  fields: z.array(
    z.object({
      fieldPath: z.string(),
      order: z.string().optional(),
      arrayConfig: z.string().optional(),
      vectorConfig: vectorSchema.optional(),
    }),
  ),
});
const plannedScheduleSchema = z.object({ database: z.string() });
const scheduleSchema = z.object({ name: z.string(), weeklyRecurrence: z.unknown().optional() });

/**
 * Firestore gives numbers to indexes and schedules of backups, so they are found by their content.
 * @returns as `importId`
 */
export async function findId(
  deployment: Deployment,
  { type, after }: Change,
): Promise<string | undefined> {
  if (type === 'google_firestore_index') {
    const { data: planned } = plannedIndexSchema.safeParse(after);
    if (!planned) return undefined;
    const words = ['indexes', 'composite', 'list', `--database=${planned.database}`];
    const wanted = keyOfPlanned(planned);
    return (await list(deployment, words, indexSchema, [])).find((each) => keyOf(each) === wanted)
      ?.name;
  }
  if (type === 'google_firestore_backup_schedule') {
    const { data: planned } = plannedScheduleSchema.safeParse(after);
    if (!planned) return undefined;
    const words = ['backups', 'schedules', 'list', `--database=${planned.database}`];
    // terraform/firestore.tf has only a daily one.
    return (await list(deployment, words, scheduleSchema, [])).find(
      ({ weeklyRecurrence }) => weeklyRecurrence === undefined,
    )?.name;
  }
  return undefined;
}

/** Indexes with the same key are the same to Firestore. */
function keyOf({ name, queryScope, fields }: z.infer<typeof indexSchema>): string {
  const collection = name.split('/').at(-3) ?? '';
  return JSON.stringify([collection, queryScope, withoutDocumentName(fields)]);
}

function keyOfPlanned(planned: z.infer<typeof plannedIndexSchema>): string {
  const { collection, query_scope, fields } = planned;
  const asListed = fields.map(({ field_path, order, array_config, vector_config }) => ({
    fieldPath: field_path,
    ...(order && { order }),
    ...(array_config && { arrayConfig: array_config }),
    ...(vector_config?.[0] && { vectorConfig: vector_config[0] }),
  }));
  const all = withoutDocumentName(asListed);
  return JSON.stringify([collection, query_scope ?? 'COLLECTION', all]);
}

/**
 * Firestore ends each index with `__name__`; Terraform names it only if its direction differs from that of the field before, and
 * before a vector.
 */
function withoutDocumentName(fields: z.infer<typeof indexSchema>['fields']): [string, string][] {
  const pairs = fields.map(({ fieldPath, order, arrayConfig, vectorConfig }): [string, string] => [
    fieldPath,
    order ?? arrayConfig ?? `${vectorConfig?.dimension} dimensions`,
  ]);
  const [last, before] = [fields.at(-1), fields.at(-2)];
  const isImplied = last?.fieldPath === '__name__' && last.order === (before?.order ?? 'ASCENDING');
  return isImplied ? pairs.slice(0, -1) : pairs;
}

/** Google makes these with their labels in one call. */
const LABELLED = new Set([
  'google_artifact_registry_repository',
  'google_cloud_run_v2_service',
  'google_cloudfunctions2_function',
  'google_pubsub_topic',
  'google_secret_manager_secret',
  'google_storage_bucket',
]);

/**
 * Runs after an import: the user may have had a secret `gemini-api-key`, or a repository `media`, before this product came.
 * @throws {DeployError} if it is not one of ours. It is then no longer in the state: `destroy` would delete it.
 */
export async function refuseForeign(
  stack: Stack,
  { address, type }: Change,
  id: string,
): Promise<void> {
  if (!LABELLED.has(type)) return;
  const { app } = await stack.labelsOf(address);
  if (app === 'media-analysis') return;
  await stack.forget([address]);
  throw new DeployError(
    `The project has ${id} already, and not from this product: it has no label app=media-analysis. It was left as it is.`,
    [
      'Use a project in which nothing has that name, or remove it if nobody needs it.',
      'If an earlier run of this command has made it, give it that label. Then run the same command again.',
    ],
  );
}
