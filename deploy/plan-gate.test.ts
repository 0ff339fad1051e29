import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { type Plan, refusals, rolesOfPipeline } from './plan-gate.ts';

type Change = NonNullable<Plan['resource_changes']>[number];

function plan(address: string, actions: string[], more: Partial<Change> = {}): Plan {
  const type = address.split('.')[0] ?? '';
  return {
    planned_values: {},
    resource_changes: [{ address, mode: 'managed', type, change: { actions }, ...more }],
  };
}

describe('a plan of a release', () => {
  test.each([
    ['google_cloudfunctions2_function.api', ['update']],
    ['google_cloud_run_v2_service.stream', ['update']],
    ['google_storage_bucket_object.page["index.html"]', ['create']],
    ['google_storage_bucket_object.api', ['create', 'delete']],
    ['google_firestore_index.media["a"]', ['create']],
    ['google_monitoring_alert_policy.queue', ['update']],
    ['google_compute_url_map.media[0]', ['update']],
    ['google_compute_security_policy.media[0]', ['update']],
    ['time_sleep.metrics_known', ['delete', 'create']],
    ['google_storage_bucket.media', ['no-op']],
  ])('may %s: %j', (address, actions) => {
    expect(refusals(plan(address, actions))).toEqual([]);
  });

  test('may read', () => {
    expect(refusals(plan('google_project.this', ['read'], { mode: 'data' }))).toEqual([]);
  });

  test.each([
    // allowed_origins, soft_delete_days
    ['google_storage_bucket.media', ['update']],
    // point_in_time_recovery, deletion_protection
    ['google_firestore_database.media', ['update']],
    // allow_sign_up, domain
    ['google_identity_platform_config.media[0]', ['update']],
    ['google_billing_budget.media[0]', ['update']],
    ['google_project_service.required["aiplatform.googleapis.com"]', ['create']],
    ['google_project_iam_member.api_firestore', ['create']],
    ['google_service_account.worker', ['delete', 'create']],
    ['google_project_iam_custom_role.object_remover', ['update']],
    ['google_cloudbuild_trigger.deploy[0]', ['update']],
    ['google_artifact_registry_repository.media', ['update']],
  ])('may not %s: %j', (address, actions) => {
    expect(refusals(plan(address, actions))).toEqual([`${address}: ${actions.join(', ')}`]);
  });

  test('may not delete what holds tasks or grants, as a tainted unit or one in another region', () => {
    for (const address of [
      'google_cloud_tasks_queue.upload',
      'google_cloudfunctions2_function.api',
    ]) {
      expect(refusals(plan(address, ['delete', 'create']))).toEqual([`${address}: delete, create`]);
    }
  });

  test('may not remove what an earlier apply has left behind of a thing that it may not change', () => {
    const left = plan('google_service_account.worker', ['delete'], { deposed: 'a1b2c3d4' });
    expect(refusals(left)).toEqual([
      'google_service_account.worker (left behind by an earlier apply): delete',
    ]);
  });

  test('may not change who checks the callers of the stream', () => {
    const change = (after: boolean) => ({
      actions: ['update'],
      before: { invoker_iam_disabled: true },
      after: { invoker_iam_disabled: after },
    });
    const stream = 'google_cloud_run_v2_service.stream';
    expect(refusals(plan(stream, [], { change: change(true) }))).toEqual([]);
    expect(refusals(plan(stream, [], { change: change(false) }))).toEqual([
      `${stream}: update of invoker_iam_disabled`,
    ]);
  });
});

test('what is no plan is refused', () => {
  expect(() => refusals({ planned_values: {}, resource_changes: [{}] })).toThrow('address');
});

test('a state, which names no changes, is no plan', () => {
  expect(() => refusals({ format_version: '1.0', values: {} })).toThrow('planned_values');
});

test('a plan that Terraform could not finish is refused', () => {
  expect(() => refusals({ planned_values: {}, errored: true })).toThrow('errored');
});

test('the pipeline has each role that the gate counts on', () => {
  const granted = readFileSync(new URL('../terraform/delivery_access.tf', import.meta.url), 'utf8');
  expect(rolesOfPipeline().filter((role) => !granted.includes(`"${role}"`))).toEqual([]);
});
