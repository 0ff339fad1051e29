/** Checks the headers of the page: Terraform fills in each placeholder of `shared/page-headers.json`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Terraform } from './terraform.ts';

const FILE = 'shared/page-headers.json';

export function checkPage(terraform: Terraform, root: string): string[] {
  const open = [...readFileSync(join(root, FILE), 'utf8').matchAll(/"(\{\w+\})"/g)];
  const filled = Object.keys(terraform.localObject('page_sources') ?? {});
  const names = [...new Set(open.map(([, name = '']) => name))];
  return names
    .filter((name) => !filled.includes(name))
    .map((name) => `${FILE} leaves ${name} open, and page_sources in terraform/page.tf lacks it.`);
}
