import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { NUMBERED } from './numbered.ts';
import { errorsOf, importId, isThereAlready } from './take-over.ts';

const OUTPUT = `
Error: Error creating Bucket: googleapi: Error 409: Your previous request to create the named bucket succeeded and you already own it., conflict

  with google_storage_bucket.media,
  on storage.tf line 84, in resource "google_storage_bucket" "media":
  84: resource "google_storage_bucket" "media" {

Error: Error enabling service: googleapi: Error 409: There were concurrent policy changes., aborted

  with google_project_service.required["run.googleapis.com"],
  on services.tf line 5, in resource "google_project_service" "required":
   5: resource "google_project_service" "required" {
`;

test('each error of Terraform is told with its resource', () => {
  const errors = errorsOf(OUTPUT);
  expect(errors.map(({ address }) => address)).toEqual([
    'google_storage_bucket.media',
    'google_project_service.required["run.googleapis.com"]',
  ]);
  expect(errors.map(isThereAlready)).toEqual([true, false]);
});

test('a resource is imported by what its plan says, and one with data is not', () => {
  const change = (type: string, after: Record<string, unknown>) => ({
    address: `${type}.x`,
    type,
    actions: ['create'],
    isTainted: false,
    after,
  });
  const queue = change('google_cloud_tasks_queue', {
    name: 'media-upload',
    location: 'us-central1',
  });
  expect(importId(queue, 'p')).toBe('projects/p/locations/us-central1/queues/media-upload');
  // Known only after the apply.
  expect(
    importId(change('google_cloud_tasks_queue', { name: 'media-upload' }), 'p'),
  ).toBeUndefined();
  for (const type of [
    'google_firestore_database',
    'google_identity_platform_config',
    'google_firebaserules_release',
  ]) {
    expect(importId(change(type, { name: 'x', location: 'y' }), 'p')).toBeUndefined();
  }
});

test('every kind of resource in terraform/ with a name that can be taken is known, or said why not', () => {
  const folder = fileURLToPath(new URL('../../terraform', import.meta.url));
  const text = readdirSync(folder)
    .filter((name) => name.endsWith('.tf'))
    .map((name) => readFileSync(`${folder}/${name}`, 'utf8'))
    .join('\n');
  const types = new Set(
    [...text.matchAll(/^resource "(google_\w+)"/gm)].map(([, type]) => type ?? ''),
  );
  const everything = {
    name: 'n',
    location: 'l',
    region: 'r',
    repository_id: 'i',
    service: 's',
    service_id: 'i',
    slo_id: 'i',
    role_id: 'i',
    secret_id: 'i',
    account_id: 'i',
  };
  // takeOverNumbered looks for alerts and similar resources by their names.
  const unknown = [...types].filter(
    (type) =>
      !(type in NUMBERED) &&
      importId({ address: 'a', type, actions: [], isTainted: false, after: everything }, 'p') ===
        undefined,
  );
  expect(unknown.sort()).toEqual([
    'google_artifact_registry_repository_iam_member', // a grant: the same twice
    'google_cloud_run_v2_service_iam_binding',
    'google_cloud_run_v2_service_iam_member',
    'google_cloud_tasks_queue_iam_member',
    'google_firebaserules_release', // of the project: adopt
    'google_firebaserules_ruleset', // Google gives it a number
    'google_firestore_backup_schedule', // found by what it is: findId
    'google_firestore_database', // data: adopt
    'google_firestore_field', // a setting: the same twice
    'google_firestore_index', // found by what it is: findId
    'google_identity_platform_config', // of the project: adopt
    'google_identity_platform_default_supported_idp_config',
    'google_project_iam_member',
    'google_project_service', // enabled twice
    'google_pubsub_topic_iam_member',
    'google_secret_manager_secret_iam_member',
    'google_service_account_iam_member',
    'google_storage_bucket_iam_member',
    'google_storage_bucket_object', // written twice
    'google_storage_notification', // Cloud Storage makes a second one: what is told twice is one media
  ]);
});
