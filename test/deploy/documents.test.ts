/** What the documents say and a program can hold against the code: links, commands, settings, limits. People check the rest. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { ACCEPTED_TYPES_TEXT } from '@media-analysis/shared/accepted';
import { z } from 'zod';
import { Terraform } from '../../deploy/check/terraform.ts';
import { withTable } from '../../deploy/settings.ts';
import { INSTALL_TERRAFORM, LEAST_TERRAFORM } from '../../deploy/steps/check.ts';
import { UNIT_SETTINGS } from '../../deploy/unit-settings.ts';
import { settingDocs } from '../../functions/process/settings.ts';
import { AT_A_TIME } from '../../local/base/provision.ts';
import { DEPLOYED } from '../../local/front/deployed.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const tracked = execFileSync('git', ['ls-files', '*.md'], { cwd: ROOT, encoding: 'utf8' });
/** The text of each document, by its path. */
const documents = new Map(
  tracked
    .split('\n')
    .filter((path) => path !== '' && existsSync(join(ROOT, path)))
    .map((path) => [path, read(path)]),
);
/** It tells of earlier releases, so the commands in it may be gone. */
const isHistory = (path: string) => path === 'CHANGELOG.md';
const current = [...documents].filter(([path]) => !isHistory(path));

/** How GitHub names the place of a heading. */
function anchorOf(heading: string): string {
  const words = heading.replaceAll(/\[([^\]]+)\]\([^)]*\)/g, '$1').toLowerCase();
  return words.replaceAll(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(/\s/g, '-');
}

const headings = (text: string) => [...text.matchAll(/^#+ (.+)$/gm)].map(([, words = '']) => words);

function brokenLinks(path: string, text: string): string[] {
  const links = [...text.matchAll(/\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]*))?\)/g)];
  return links.flatMap(([, target = '', anchor]) => {
    const file = target === '' ? path : join(dirname(path), target);
    if (!existsSync(join(ROOT, file))) return [`${path}: there is no ${file}`];
    if (anchor === undefined || !file.endsWith('.md')) return [];
    const anchors = headings(documents.get(file) ?? '').map(anchorOf);
    return anchors.includes(anchor) ? [] : [`${path}: ${file} has no heading #${anchor}`];
  });
}

test('every link leads to a file, and to a heading of it', () => {
  expect([...documents].flatMap(([path, text]) => brokenLinks(path, text))).toEqual([]);
});

test('the API’s document names the files that are accepted', () => {
  expect(documents.get('docs/api.md')).toContain(`Accepted are ${ACCEPTED_TYPES_TEXT}.`);
});

test('the index names every decision by its title', () => {
  const index = documents.get('docs/decisions/README.md') ?? '';
  const rows = [...documents]
    .filter(([path]) => /^docs\/decisions\/\d/.test(path))
    .map(([path, text]) => `- [${headings(text)[0]}](${path.replace('docs/decisions/', '')})`);
  expect(rows.filter((row) => !index.includes(row))).toEqual([]);
});

test('each document asks for the Terraform that the deployment needs', () => {
  const least = LEAST_TERRAFORM.join('.');
  expect(read('terraform/versions.tf')).toContain(`required_version = ">= ${least}"`);
  for (const path of ['README.md', 'README.ja.md', 'terraform/README.md', 'docs/cloud-shell.md'])
    expect(read(path)).toMatch(new RegExp(`erraform.*\\b${least.replace('.', String.raw`\.`)}\\b`));
});

test('what the first deployment does is told in its order', () => {
  const orders = {
    'README.md': [
      'enables APIs',
      'Cloud Build',
      'shows the plan',
      'costs',
      '**asks**',
      'first person',
      'photo through',
    ],
    'README.ja.md': [
      'API を有効に',
      'Cloud Build で',
      '計画',
      '月額',
      '**確認します**',
      '最初の利用者',
      '通して試し',
    ],
    'docs/cloud-shell.md': [
      'enables APIs',
      'that image',
      'shows the plan',
      'costs, and',
      'asks: ',
      'link with which',
    ],
  };
  for (const [path, words] of Object.entries(orders)) {
    const text = read(path).slice(read(path).search(/npm run deploy -- (?:--project \S+ )?--user/));
    const places = words.map((each) => text.indexOf(each));
    expect([path, places]).toEqual([path, [...places].sort((a, b) => a - b)]);
    expect([path, Math.min(...places)]).not.toEqual([path, -1]);
  }
});

test('every `npm run` is a script, and every `--var` a variable of Terraform', () => {
  const scriptsOf = (file: string) => Object.keys(JSON.parse(read(file)).scripts);
  const [own, web] = [scriptsOf('package.json'), scriptsOf('web/package.json')];
  const terraform = new Terraform(join(ROOT, 'terraform'));
  const unknown = current.flatMap(([path, text]) => [
    ...[...text.matchAll(/npm run ([a-z][\w:-]*)( -w web)?/g)]
      .filter(([, name = '', inWeb]) => !(inWeb ? web : own).includes(name))
      .map(([command]) => `${path}: ${command}`),
    ...[...text.matchAll(/--var ["']?([a-z]\w*)/g)]
      .filter(([, name = '']) => !terraform.variable(name))
      .map(([option]) => `${path}: ${option}`),
  ]);
  expect(unknown).toEqual([]);
});

test('the tutorial is readable without Cloud Shell, and installs Terraform as the command says', () => {
  const tutorial = read('docs/cloud-shell.md');
  expect(tutorial).toContain(INSTALL_TERRAFORM.join('\n'));
  const commands = [...tutorial.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, text = '']) => text);
  // Only Cloud Shell replaces `<walkthrough-…/>`: a shell reads a redirection.
  expect(commands.filter((text) => text.includes('<'))).toEqual([]);
  for (const page of [tutorial, read('README.md')]) expect(page).toContain('npm run user -- add');
});

describe('the table in docs/settings.md', () => {
  const page = read('docs/settings.md');

  test('is that of the settings of the units', () => {
    expect(withTable(page)).toBe(page);
  });

  test('has the default of today', () => {
    const LEASE_S = z.number().default(40).register(settingDocs, { doc: 'seconds' });
    const worker = { ...UNIT_SETTINGS.worker, LEASE_S };
    expect(withTable(page, { ...UNIT_SETTINGS, worker })).toContain('| `LEASE_S` | 40 | seconds |');
  });

  test('leaves out no setting without words, unless people have written of it', () => {
    const stream = { ...UNIT_SETTINGS.stream, MAX_LATE_S: z.number().default(1) };
    expect(() => withTable(page, { ...UNIT_SETTINGS, stream })).toThrow('MAX_LATE_S');
  });

  test('is compared by npm run check', () => {
    expect(JSON.parse(read('package.json')).scripts.check).toContain('npm run settings -- --check');
  });
});

test('docs/local.md names the limits of the front', () => {
  const { api, worker, stream } = DEPLOYED;
  const page = read('docs/local.md');
  const seconds = [api, worker].map(({ timeoutMs }) => timeoutMs / 1_000);
  expect(page).toContain(
    `504 after ${seconds[0]} s (api), ${seconds[1]} s (worker), ${stream.timeoutMs / 60_000} min (stream)`,
  );
  expect(Object.values(AT_A_TIME).reduce((sum, each) => sum + each)).toBe(40);
  expect(page).toContain('the worker takes forty at once');
});
