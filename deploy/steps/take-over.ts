/**
 * What a killed run has made and not written down: Terraform writes its state to the bucket every twenty seconds, and at its
 * end. The next run meets such a thing as "already exists", and takes it over.
 */
import type { Change } from './stack.ts';

/** An error of Terraform's, with the resource that it is about. */
export interface ResourceError {
  address: string | undefined;
  text: string;
}

/** @param output What Terraform wrote to its standard error, without colours. */
export function errorsOf(output: string): ResourceError[] {
  return output
    .split(/^(?=Error: )/m)
    .filter((text) => text.startsWith('Error: '))
    .map((text) => ({ address: /^ +with ([^\s,]+(?:\["[^"]*"\])?),/m.exec(text)?.[1], text }));
}

export function isThereAlready({ text }: ResourceError): boolean {
  return /already[ _]?exists|already own it/i.test(text);
}

/**
 * How each kind of resource is named in an import, by the attributes of its plan. What holds data, or belongs to the whole
 * project, is not here: a person decides (the variable `adopt`). Grants and settings are no problem: making them twice is the
 * same as once.
 */
const IDS: Record<string, string> = {
  google_artifact_registry_repository:
    'projects/{project}/locations/{location}/repositories/{repository_id}',
  google_cloud_run_v2_service: 'projects/{project}/locations/{location}/services/{name}',
  google_cloud_scheduler_job: 'projects/{project}/locations/{region}/jobs/{name}',
  google_cloud_tasks_queue: 'projects/{project}/locations/{location}/queues/{name}',
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
  google_pubsub_topic: 'projects/{project}/topics/{name}',
  google_secret_manager_secret: 'projects/{project}/secrets/{secret_id}',
  google_service_account:
    'projects/{project}/serviceAccounts/{account_id}@{project}.iam.gserviceaccount.com',
  google_storage_bucket: '{name}',
};

/** @returns What to import this resource by; undefined if it cannot be taken over by itself. */
export function importId({ type, after }: Change, project: string): string | undefined {
  const template = IDS[type];
  if (template === undefined) return undefined;
  const values: Record<string, unknown> = { ...after, project: after.project ?? project };
  const names = [...template.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '');
  if (names.some((name) => typeof values[name] !== 'string')) return undefined;
  return template.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name]));
}
