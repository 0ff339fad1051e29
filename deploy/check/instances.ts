/**
 * Checks the numbers of requests, instances and seconds: the local front enforces what Terraform
 * deploys.
 */
import { DEPLOYED } from '../../local/front/deployed.ts';
import { UNITS, type Unit } from './environment.ts';
import type { Block } from './hcl.ts';
import { nested, type Terraform } from './terraform.ts';

/** The names in the variable `<unit>_capacity`, and our names for the same numbers. */
const NUMBERS = [
  ['concurrency', 'concurrency'],
  ['min_instances', 'minInstances'],
  ['max_instances', 'maxInstances'],
] as const;

export function checkInstances(terraform: Terraform): string[] {
  return (Object.keys(DEPLOYED) as Unit[]).flatMap((unit) => [
    ...checkNumbers(terraform, unit),
    ...checkTimeout(terraform, unit),
    ...checkInvoker(terraform, unit),
    ...checkShares(terraform, unit),
  ]);
}

/** The largest part of an instance's slots that one owner, or all owners together, may hold. */
const SHARES: Partial<Record<Unit, Record<string, number>>> = {
  api: { max_uploads_in_flight: 1 / 4, max_uploads_per_instance: 0.8 },
  stream: { max_streams: 1 / 4, max_streams_per_instance: 0.95 },
};

/** Checks that a limit of an owner binds before the instance is full, and that Terraform checks the two together. */
function checkShares(terraform: Terraform, unit: Unit): string[] {
  const { concurrency } = DEPLOYED[unit];
  return Object.entries(SHARES[unit] ?? {}).flatMap(([name, share]) => {
    const most = Math.floor(concurrency * share);
    const value = Number(terraform.valueOf(`var.${name}`));
    const isValidated = validationsOf(terraform, name).some(({ attributes }) =>
      attributes.condition?.includes(`${unit}_capacity.concurrency`),
    );
    return [
      ...(value <= most
        ? []
        : [`${unit}: ${name} is ${value}; of ${concurrency} places it may be ${most}.`]),
      ...(isValidated
        ? []
        : [
            `${unit}: no validation in terraform/ holds ${name} against the places of an instance.`,
          ]),
    ];
  });
}

function validationsOf(terraform: Terraform, name: string): Block[] {
  const variable = terraform.variable(name);
  return variable ? nested(variable) : [];
}

function checkNumbers(terraform: Terraform, unit: Unit): string[] {
  const type = terraform.variable(`${unit}_capacity`)?.attributes.type ?? '';
  return NUMBERS.flatMap(([theirName, ourName]) => {
    const pattern = new RegExp(`\\b${theirName}\\s*=\\s*optional\\(number,\\s*(\\d+)\\)`);
    const theirs = pattern.exec(type)?.[1];
    return compare(unit, theirName, theirs, DEPLOYED[unit][ourName]);
  });
}

function checkTimeout(terraform: Terraform, unit: Unit): string[] {
  const blocks = nested(terraform.resource(UNITS[unit], unit));
  // Probes have a timeout too: this one is in the block that also has the concurrency.
  const requests = blocks.filter((block) => 'max_instance_request_concurrency' in block.attributes);
  const expressions = requests.flatMap(
    ({ attributes: { timeout_seconds, timeout } }) => timeout_seconds ?? timeout ?? [],
  );
  const theirs = expressions.map((expression) => secondsOf(terraform, expression)).join();
  return compare(unit, 'its timeout in seconds', theirs, DEPLOYED[unit].timeoutMs / 1_000);
}

/** Evaluates `"3600s"`, `300`, `var.name` and `var.name + 30`. */
function secondsOf(terraform: Terraform, expression: string): number {
  const terms = expression.split('+').map((term) => terraform.valueOf(term.trim()) ?? '');
  return terms.reduce((sum, term) => sum + Number(term.replace(/s$/, '')), 0);
}

/** Checks whom IAM admits: everybody, or only named accounts. */
function checkInvoker(terraform: Terraform, unit: Unit): string[] {
  const isGranted = terraform.all().some(({ attributes: { name, member } }) => {
    return name === `${UNITS[unit]}.${unit}.name` && member === '"allUsers"';
  });
  const { invoker_iam_disabled } = terraform.resource(UNITS[unit], unit).attributes;
  const isPublic = isGranted || invoker_iam_disabled === 'true';
  return compare(unit, 'its invoker', isPublic ? 'public' : 'iam', DEPLOYED[unit].invoker);
}

function compare(
  unit: Unit,
  what: string,
  theirs: string | undefined,
  ours: string | number,
): string[] {
  if (theirs === String(ours)) return [];
  return [`${unit}: ${what} is ${theirs} in terraform/ and ${ours} in local/front/deployed.ts.`];
}
