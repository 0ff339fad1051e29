/**
 * Documents and Terraform cannot import the names of models from the code. These checks compare the example's name and the list
 * of providers.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  EMBEDDING_MODELS,
  EXAMPLE_GEMINI,
  nameOf,
  namingOf,
  PROVIDERS,
} from '../../functions/analysis/catalog/model-name.ts';
import { addressOfKey, versionOfKey } from '../steps/model-key.ts';
import { nested, type Terraform } from './terraform.ts';

const FILES = [
  'README.md',
  'README.ja.md',
  'terraform/README.md',
  'terraform/terraform.tfvars.example',
  'terraform/worker_settings.tf',
];

const NAMED: readonly string[] = [EXAMPLE_GEMINI, ...EMBEDDING_MODELS.map(nameOf)];

export function checkModel(root: string, files = FILES): string[] {
  return files.flatMap((file) => {
    const text = readFileSync(join(root, file), 'utf8');
    const names = [...text.matchAll(/(?:googleai|vertexai)\/(gemini-[\w.-]*\w)/g)].map(
      ([, name = '']) => name,
    );
    return [...new Set(names)]
      .filter((name) => !NAMED.includes(name))
      .map((name) => `${file} names ${name}, and the code ${EXAMPLE_GEMINI}.`);
  });
}

/** Models of `local/` are not deployed, except for one. */
const DEPLOYED = Object.keys(PROVIDERS).filter((id) => id !== 'local');

/** Terraform has to know three things of each provider: that its models may be set, its secret, and the secret's version. */
export function checkProviders(terraform: Terraform): string[] {
  return DEPLOYED.flatMap((id) => {
    const refusing = ['analysis_model', 'model_fallback']
      .filter((name) => !patternOf(terraform, name).test(`${id}/a`))
      .map((name) => `The variable ${name} refuses the models of ${id}/.`);
    const key = namingOf(`${id}/`)?.key;
    if (!key) return refusing;
    const version = versionOfKey(key);
    return [
      ...refusing,
      ...(terraform.referred(`${addressOfKey(key)}.id`)
        ? []
        : [`There is no secret ${addressOfKey(key)}, which has the key of ${id}/.`]),
      ...(terraform.variable(version) ? [] : [`There is no variable ${version}.`]),
    ];
  });
}

/** Terraform's pattern for names of models. */
function patternOf(terraform: Terraform, name: string): RegExp {
  const variable = terraform.variable(name);
  const conditions = (variable ? nested(variable) : []).map(
    ({ attributes }) => attributes.condition,
  );
  const [, pattern] = /regex\("([^"]+)"/.exec(conditions.join('\n')) ?? [];
  if (pattern === undefined) throw new Error(`The variable ${name} of terraform/ has no pattern.`);
  return new RegExp(pattern);
}
