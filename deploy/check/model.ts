/**
 * Documents and Terraform cannot import the example model's name from the code. This check compares
 * the names.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EMBEDDING_MODELS, EXAMPLE_GEMINI, nameOf } from '../../functions/process/model-name.ts';

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
