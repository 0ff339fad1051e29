/** Checks a setting, as far as the validations in terraform/ have a form that is read here. Terraform itself judges the rest. */
import { join } from 'node:path';
import type { Block } from '../check/hcl.ts';
import { Terraform } from '../check/terraform.ts';
import { checkRegion } from './check.ts';
import { DeployError, type Deployment } from './deployment.ts';
import { commandOf, type Options, without } from './options.ts';

/** Advice for a value of a wrong type; undefined if the type is right. Terraform converts words and numbers into each other. */
const WANTED: [RegExp, (value: unknown) => boolean, string][] = [
  [/^string$/, (value) => ['string', 'number', 'boolean'].includes(typeof value), 'a word'],
  [/^number$/, (value) => isWord(value) && !Number.isNaN(Number(value)), 'a number'],
  [/^bool$/, (value) => ['true', 'false'].includes(String(value)), 'true or false'],
  [/^(?:list|set)\(/, Array.isArray, 'a list, as \'["FIRST","SECOND"]\''],
  [/^(?:map|object)\(/, isObject, 'an object, as \'{"NAME":VALUE}\''],
];

function isWord(value: unknown): boolean {
  return typeof value === 'number' || (typeof value === 'string' && value.trim() !== '');
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Checks this command line before anything is asked or made.
 * @throws {DeployError} if Terraform would refuse it later
 */
export function checkVariables(deployment: Deployment): void {
  const { root, options } = deployment;
  const { region, domain, model, variables } = options;
  const terraform = new Terraform(join(root, 'terraform'));
  if (region !== undefined) checkRegion(region, deployment);
  const given = Object.entries({ domain, analysis_model: model, ...variables });
  for (const [name, value] of given) {
    const variable = terraform.variable(name);
    if (!variable) {
      throw new DeployError(`terraform/ has no variable "${name}".`, [
        "grep -h -A1 '^variable' terraform/*.tf   lists all, with what each is for",
      ]);
    }
    if (value === undefined || value === null) continue;
    const wrong = problemOf(name, name === 'adopt' ? [value].flat() : value, variable);
    if (wrong === undefined) continue;
    throw name === 'domain' ? noDomain(options, variable) : new DeployError(wrong);
  }
}

/** The usual mistakes for a host name: an address, or capital letters. */
function noDomain(options: Options, variable: Block): DeployError {
  const { domain = '' } = options;
  const host = domain
    .trim()
    .toLowerCase()
    .replace(/^[a-z]+:\/\//, '')
    .replace(/[/:?#].*$/, '')
    .replace(/\.+$/, '');
  const what = `--domain ${domain}: this is no host name such as media.example.com.`;
  if (host !== '' && problemOf('domain', host, variable) === undefined) {
    return new DeployError(what, [commandOf(without(options, 'domain'), `--domain ${host}`)]);
  }
  const why = host.includes('.')
    ? 'Each part between two dots has 1 to 63 letters, digits and hyphens; a name in other letters is written as its form with xn--.'
    : 'It has a dot in it, and letters, digits and hyphens.';
  return new DeployError(`${what} ${why} "--domain none" is the page without one.`);
}

const FLAGS: Record<string, string> = { domain: '--domain', analysis_model: '--model' };

/** @returns undefined if the value is valid. It may be secret, so it is not repeated. */
function problemOf(name: string, value: unknown, variable: Block): string | undefined {
  const flag = FLAGS[name] ?? `--var ${name}`;
  const type = variable.attributes.type ?? '';
  const wanted = WANTED.find(([pattern]) => pattern.test(type));
  if (wanted && !wanted[1](value)) return `${flag}: write ${wanted[2]}.`;
  const broken = validationsOf(variable).find(({ allows }) => !allows(String(value)));
  return broken && `${flag}: ${broken.message}`;
}

const CONDITION =
  /^(?:var\.\w+ == null \|\| )?(?:var\.\w+ == "([^"]*)" \|\| )?can\(regex\("((?:[^"\\]|\\.)*)", var\.\w+\)\)$/;

/** The validations that compare the value with one pattern. Go's patterns in terraform/ mean the same in JavaScript. */
function validationsOf({ blocks }: Block) {
  return blocks.flatMap(({ type, attributes: { condition = '', error_message = '' } }) => {
    const [, other, pattern] = CONDITION.exec(condition) ?? [];
    if (type !== 'validation' || pattern === undefined) return [];
    const expression = new RegExp(JSON.parse(`"${pattern}"`));
    const allows = (value: string) => value === other || expression.test(value);
    return [{ allows, message: String(JSON.parse(error_message)) }];
  });
}
