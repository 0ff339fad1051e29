/**
 * `node deploy/plan-gate.ts PLAN.json`: refuses a plan that the pipeline's account (media-deploy) could apply only in part. A
 * plan that stops half way leaves a deployment that is half changed, and the way back stops there too.
 *
 * PLAN.json is the output of `terraform show -json` for a saved plan. It contains secrets: delete it afterwards.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** https://developer.hashicorp.com/terraform/internals/json-format#plan-representation */
const planSchema = z.object({
  /** Every plan has this, and the output of `terraform show` for a state has not: it would pass as a plan without changes. */
  planned_values: z.record(z.string(), z.unknown()),
  /** Terraform can also save a plan that it could not finish. */
  errored: z.literal(false).optional(),
  resource_changes: z
    .array(
      z.object({
        address: z.string(),
        /** `data` only reads. */
        mode: z.enum(['managed', 'data']),
        type: z.string(),
        /** An object that a failed replacement has left behind. */
        deposed: z.string().optional(),
        change: z.object({
          actions: z.array(z.string()),
          before: z.unknown().optional(),
          after: z.unknown().optional(),
        }),
      }),
    )
    .default([]),
});
export type Plan = z.input<typeof planSchema>;

type Action = 'create' | 'update' | 'delete';
const EVERYTHING: readonly Action[] = ['create', 'update', 'delete'];

interface Permission {
  /** A grant of `terraform/delivery_access.tf`; null: nothing in Google Cloud is changed. */
  role: string | null;
  actions: readonly Action[];
  /** Attributes that need another role to change. */
  except?: readonly string[];
}

/**
 * Changes that a release may make. A unit that is deleted and created again has lost the grants on it, and a queue its tasks, so
 * these may only be updated.
 */
const PERMISSIONS: Record<string, Permission> = {
  google_cloudfunctions2_function: { role: 'roles/cloudfunctions.developer', actions: ['update'] },
  google_cloud_run_v2_service: {
    role: 'roles/run.developer',
    actions: ['update'],
    except: ['invoker_iam_disabled'],
  },
  google_cloud_tasks_queue: { role: 'roles/cloudtasks.queueAdmin', actions: ['update'] },
  google_cloud_scheduler_job: { role: 'roles/cloudscheduler.admin', actions: EVERYTHING },
  google_storage_bucket_object: { role: 'roles/storage.objectUser', actions: EVERYTHING },
  google_firestore_index: { role: 'roles/datastore.indexAdmin', actions: EVERYTHING },
  google_firestore_field: { role: 'roles/datastore.indexAdmin', actions: EVERYTHING },
  google_firebaserules_ruleset: { role: 'roles/firebaserules.admin', actions: EVERYTHING },
  google_firebaserules_release: { role: 'roles/firebaserules.admin', actions: EVERYTHING },
  google_logging_metric: { role: 'roles/logging.configWriter', actions: EVERYTHING },
  time_sleep: { role: null, actions: EVERYTHING },
  terraform_data: { role: null, actions: EVERYTHING },
};
const BY_PREFIX: Record<string, Permission> = {
  google_monitoring_: { role: 'roles/monitoring.editor', actions: EVERYTHING },
  google_compute_security_: { role: 'roles/compute.securityAdmin', actions: EVERYTHING },
  google_compute_: { role: 'roles/compute.loadBalancerAdmin', actions: EVERYTHING },
};

/**
 * The changes of a plan that the pipeline may not make, a line for each. Empty: it may apply the plan.
 * @param plan the output of `terraform show -json`
 * @throws {z.ZodError} if it is not a plan
 * @example refusals(JSON.parse(json)); // ['google_storage_bucket.media: update']
 */
export function refusals(plan: unknown): string[] {
  return planSchema
    .parse(plan)
    .resource_changes.flatMap(({ address, mode, type, deposed, change }) => {
      const actions = change.actions.filter(
        (action) => !['no-op', 'read', 'forget'].includes(action),
      );
      if (mode === 'data' || actions.length === 0) return [];
      const permission = permissionFor(type);
      const refused = actions.filter((action) => !permission?.actions.includes(action as Action));
      const attributes = (permission?.except ?? []).filter((name) => differs(change, name));
      if (refused.length === 0 && attributes.length === 0) return [];
      const left = deposed === undefined ? '' : ' (left behind by an earlier apply)';
      return [
        `${address}${left}: ${[...refused, ...attributes.map((name) => `update of ${name}`)].join(', ')}`,
      ];
    });
}

function permissionFor(type: string): Permission | undefined {
  const prefix = Object.keys(BY_PREFIX).find((each) => type.startsWith(each));
  return PERMISSIONS[type] ?? (prefix === undefined ? undefined : BY_PREFIX[prefix]);
}

function differs({ before, after }: { before?: unknown; after?: unknown }, name: string): boolean {
  const [old, next] = [before, after].map(
    (each) => (each as Record<string, unknown> | null)?.[name],
  );
  return old !== next;
}

/** Every role that the table above counts on. */
export function rolesOfPipeline(): string[] {
  const all = [...Object.values(PERMISSIONS), ...Object.values(BY_PREFIX)];
  return [...new Set(all.flatMap(({ role }) => role ?? []))];
}

if (import.meta.main) {
  const [path] = process.argv.slice(2);
  if (path === undefined) {
    console.error('Usage: node deploy/plan-gate.ts PLAN.json');
    process.exit(2);
  }
  const refused = refusals(JSON.parse(readFileSync(path, 'utf8')));
  if (refused.length > 0) {
    console.error(`The pipeline may not make these changes, so nothing is changed:
${refused.map((line) => `  ${line}`).join('\n')}
Apply them yourself: terraform/README.md, "What a person applies". Then run this build again.`);
    process.exit(1);
  }
  console.log('The pipeline may make all changes of this plan.');
}
