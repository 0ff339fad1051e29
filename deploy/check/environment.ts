/** Checks the variables of each unit: Terraform sets exactly those that the code reads, with the same defaults. */
import { isDeepStrictEqual } from 'node:util';
import { NODE_OPTIONS } from '../../local/base/units.ts';
import { UNIT_SETTINGS } from '../unit-settings.ts';
import { nested, type Terraform } from './terraform.ts';

export const UNITS = {
  api: 'google_cloudfunctions2_function',
  worker: 'google_cloudfunctions2_function',
  stream: 'google_cloud_run_v2_service',
} as const;
export type Unit = keyof typeof UNITS;

/** Node itself reads these: https://nodejs.org/api/cli.html#environment-variables_1 */
const FOR_NODE = ['NODE_OPTIONS'];
/**
 * The platform sets these, and reserves them:
 * https://cloud.google.com/run/docs/container-contract#env-vars
 */
const BY_PLATFORM = ['PORT'];
/** The stream's image sets these: `functions/stream/Dockerfile`. */
const BY_IMAGE = ['PAGE_DIR'];
/** Terraform sets these to another value than the default on purpose; `access.ts` checks the value. */
const DIFFERS_ON_PURPOSE = ['TASKS_AUTH'];
/** These point to this machine and are never set in a deployment: an emulator, or a receiver of webhooks. */
const isLocal = (name: string) => name.endsWith('_EMULATOR_HOST') || name === 'WEBHOOK_LOOPBACK';

export function checkEnvironment(terraform: Terraform): string[] {
  const units = Object.keys(UNITS) as Unit[];
  return [
    ...units.flatMap((unit) => checkUnit(terraform, unit)),
    ...checkModeration(units.map((unit) => environmentOf(terraform, unit).MODERATION)),
    ...checkEmbedding(terraform),
  ];
}

/** With different settings, one unit would serve media that the others withhold. */
function checkModeration(expressions: (string | undefined)[]): string[] {
  const isOne = new Set(expressions).size === 1;
  return isOne ? [] : ['MODERATION of the api, the worker and the stream differ in terraform/.'];
}

/** With different settings, the api would compare searches with vectors of another model. */
function checkEmbedding(terraform: Terraform): string[] {
  const [api, worker] = (['api', 'worker'] as const).map(
    (unit) => environmentOf(terraform, unit).EMBEDDING_MODEL,
  );
  return api === worker ? [] : ['EMBEDDING_MODEL of the api and the worker differ in terraform/.'];
}

function checkUnit(terraform: Terraform, unit: Unit): string[] {
  const set = environmentOf(terraform, unit);
  const settings = UNIT_SETTINGS[unit];
  const read = Object.keys(settings).filter(
    (name) => ![...BY_PLATFORM, ...BY_IMAGE].includes(name) && !isLocal(name),
  );
  return [
    ...read
      .filter((name) => !(name in set))
      .map((name) => `${unit}: the code reads ${name}, and terraform/ does not set it.`),
    ...Object.keys(set)
      .filter((name) => !read.includes(name) && !FOR_NODE.includes(name))
      .map((name) => `${unit}: terraform/ sets ${name}, and the code does not read it.`),
    ...(terraform.valueOf(set.NODE_OPTIONS) === NODE_OPTIONS.join(' ')
      ? []
      : [
          `${unit}: NODE_OPTIONS in terraform/ is not "${NODE_OPTIONS.join(' ')}", as on this machine.`,
        ]),
    ...Object.entries(set).flatMap(([name, expression]) => {
      const value = terraform.valueOf(expression);
      const schema = settings[name];
      if (!schema || !value) return [];
      const [ours, theirs] = [schema.safeParse(undefined), schema.safeParse(value)];
      if (!theirs.success) {
        return [`${unit}: terraform/ sets ${name} to "${value}", which the code refuses.`];
      }
      const differs = ours.success && !isDeepStrictEqual(ours.data, theirs.data);
      if (DIFFERS_ON_PURPOSE.includes(name)) return [];
      const wanted = `"${value}" in terraform/ and "${ours.data}" in the code`;
      return differs && ours.data !== undefined ? [`${unit}: ${name} is ${wanted}.`] : [];
    }),
  ];
}

/** The variables that Terraform sets for a unit, with their expressions. */
export function environmentOf(terraform: Terraform, unit: Unit): Record<string, string> {
  const resource = terraform.resource(UNITS[unit], unit);
  const blocks = nested(resource);
  const maps = blocks.flatMap(({ type, labels, attributes }) => [
    attributes.environment_variables ?? '',
    type === 'dynamic' && labels[0] === 'env' ? (attributes.for_each ?? '') : '',
  ]);
  const names = maps.flatMap((text) =>
    [...text.matchAll(/\blocal\.(\w+)/g)].map(([, name]) => name),
  );
  const plain = names.map((name = '') => terraform.localObject(name) ?? {});
  const secret = blocks
    .filter(({ type, labels }) => [type, ...labels].includes('secret_environment_variables'))
    .flatMap(({ attributes }) => `${attributes.for_each ?? ''} ${attributes.key ?? ''}`)
    .flatMap((text) =>
      [...text.matchAll(/"([A-Z]\w+)"/g)].map(([, name = '']) => [name, 'secret']),
    );
  return Object.assign({}, ...plain, Object.fromEntries(secret));
}
