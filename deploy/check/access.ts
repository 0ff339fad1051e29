/** Who may call the worker: it believes what Cloud Run says of a token, so nobody may come another way. */
import { environmentOf } from './environment.ts';
import { literal } from './hcl.ts';
import { nested, type Terraform } from './terraform.ts';

const WORKER = 'google_cloudfunctions2_function.worker';
/** All resources that grant a role on a function or on the service below it, also those for lists. */
const GRANT =
  /^google_(cloud_run(_v2)?_service|cloudfunctions2_function)_iam_(member|binding|policy)$/;
const EVERYBODY = /\ball(Authenticated)?Users\b/;

export function checkAccess(terraform: Terraform): string[] {
  const mode = terraform.valueOf(environmentOf(terraform, 'worker').TASKS_AUTH);
  if (mode !== 'platform') {
    return [`worker: TASKS_AUTH is "${mode}", and on Cloud Run no task has a signature to verify.`];
  }
  const worker = terraform.resource('google_cloudfunctions2_function', 'worker');
  const ingress = nested(worker).flatMap(({ attributes }) => attributes.ingress_settings ?? []);
  const problems = ingress.map(literal).every((each) => each === 'ALLOW_INTERNAL_ONLY')
    ? []
    : [`worker: its ingress is ${ingress.join()}; with TASKS_AUTH=platform it has to be internal.`];
  if (ingress.length === 0)
    problems.push('worker: its ingress is not set, so that all may reach it.');
  for (const grant of terraform.all().filter(({ labels }) => GRANT.test(labels[0] ?? ''))) {
    const text = JSON.stringify([grant.attributes, nested(grant)]);
    if (text.includes(WORKER) && EVERYBODY.test(text)) {
      problems.push(
        `worker: ${grant.labels.join('.')} lets everybody call it, and with TASKS_AUTH=platform it would believe them.`,
      );
    }
  }
  return problems;
}
