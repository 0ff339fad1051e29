/**
 * Checks who may call the worker. The worker trusts the tokens that Cloud Run has checked, so its queues must be its only
 * callers.
 */
import { environmentOf, UNITS } from './environment.ts';
import { type Block, literal } from './hcl.ts';
import { nested, type Terraform } from './terraform.ts';

const WORKER = `${UNITS.worker}.worker.name`;
/** The only service whose callers are not checked by IAM. */
const STREAM = `${UNITS.stream}.stream`;
const OTHERS = [`${UNITS.api}.api.name`, `${UNITS.stream}.stream.name`];
/** The only account that may call the worker. */
const TASKS = 'google_service_account.tasks.member';
/**
 * Resource types that grant roles on a function or on the Cloud Run service below it, lists of
 * roles included.
 */
const GRANT =
  /^google_(cloud_run(_v2)?_service|cloudfunctions2_function)_iam_(member|binding|policy)$/;
const EVERYBODY = /\ball(Authenticated)?Users\b/;
/** Roles and permissions that allow calls. */
const INVOKER = /\broles\/(run|cloudfunctions)\.\w*[iI]nvoker\b|\brun\.routes\.invoke\b/;

export function checkAccess(terraform: Terraform): string[] {
  const mode = terraform.valueOf(environmentOf(terraform, 'worker').TASKS_AUTH);
  if (mode !== 'platform') {
    return [
      `worker: TASKS_AUTH is "${mode}", and on Cloud Run no task has a signature to verify. Set it to "platform".`,
    ];
  }
  return [
    ...checkIngress(terraform),
    ...terraform.blocks.flatMap(checkGrant),
    ...terraform.unread.map(
      (file) => `worker: this check does not read ${file}, which may let others call the worker.`,
    ),
  ];
}

function checkIngress(terraform: Terraform): string[] {
  const worker = terraform.resource(UNITS.worker, 'worker');
  const ingress = nested(worker).flatMap(({ attributes }) => attributes.ingress_settings ?? []);
  if (ingress.length === 0)
    return ['worker: its ingress is not set, so everybody can reach it. Set ingress_settings.'];
  if (ingress.map(literal).every((each) => each === 'ALLOW_INTERNAL_ONLY')) return [];
  return [
    `worker: its ingress is ${ingress.join()}; with TASKS_AUTH=platform it has to be internal.`,
  ];
}

/**
 * Refuses every grant that this code cannot understand: a name, a list or a role can be computed in
 * many ways.
 */
function checkGrant({ type, labels, attributes, blocks }: Block): string[] {
  const name = [...(type === 'resource' ? [] : [type]), ...labels].join('.');
  const text = JSON.stringify([attributes, blocks]);
  if (attributes.invoker_iam_disabled && name !== STREAM) {
    return [
      `worker: ${name} may let everybody call it: only ${STREAM} may have invoker_iam_disabled.`,
    ];
  }
  const isAnyone = EVERYBODY.test(text) ? 'everybody' : 'others than the account of the queues';
  if (type === 'resource' && GRANT.test(labels[0] ?? '')) {
    const { name: service, cloud_function, service: older } = attributes;
    const target = service ?? cloud_function ?? older ?? 'nothing';
    if (OTHERS.includes(target)) return [];
    if (target !== WORKER) {
      return [
        `worker: ${name} is for ${target}: name the service itself, because this expression could be the worker.`,
      ];
    }
    const { member, members } = attributes;
    if (member === TASKS || members === `[${TASKS}]`) return [];
    return [
      `worker: ${name} lets ${isAnyone} call it, and with TASKS_AUTH=platform it would believe them.`,
    ];
  }
  if (type === 'module')
    return [`worker: this check does not read ${name}, which may let others call the worker.`];
  const isForAll = EVERYBODY.test(text) || INVOKER.test(text);
  return isForAll ? [`worker: ${name} may let ${isAnyone} call it; say so at one service.`] : [];
}
