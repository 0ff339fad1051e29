/** What is bundled goes out with its licences: with the units, and with the page. `packages.test.ts` looks at the packages. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { currentBuild } from '../support/build.ts';
import { currentPage } from '../support/page.ts';

const PAGE = fileURLToPath(new URL('../../web/dist', import.meta.url));

/** With another one, a person has to read first what it asks for. */
const READ = new Set([
  ...['MIT', 'ISC', '0BSD', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'Apache-2.0'],
  ...['MPL-2.0', 'LGPL-3.0'],
  // Public domain.
  'http://geraintluff.github.io/tv4/LICENSE.txt',
]);

const ALIASES: Record<string, string> = { '@genkit-ai/googleai': '@genkit-ai/google-genai' };

interface Notice {
  name: string;
  license: string;
  text: string;
}

function readNotices(path: string): Notice[] {
  const [, ...sections] = readFileSync(path, 'utf8').split(/^## (?=\S+ - \d)/m);
  return sections.map((section) => {
    const [title = '', ...lines] = section.split('\n');
    const [, name = '', license = ''] = /^(\S+) - \S+ \((.*)\)$/.exec(title) ?? [];
    return { name, license, text: lines.join('\n').trim() };
  });
}

function expectWhole(notices: Notice[]): void {
  expect(notices.filter(({ text }) => text.length < 100).map(({ name }) => name)).toEqual([]);
  const isUnread = ({ license }: Notice) => !license.split(/ OR |[()]/).some((id) => READ.has(id));
  expect(notices.filter(isUnread)).toEqual([]);
}

test('the units go out with the licences of all that is bundled with them', async () => {
  const build = await currentBuild();
  const units = ['api', 'worker', 'stream'];
  const notices = units.flatMap((unit) => readNotices(join(build, unit, 'THIRD-PARTY-NOTICES.md')));
  expectWhole(notices);
  const deployed = z
    .array(z.string())
    .parse(JSON.parse(readFileSync(join(build, 'deployed.json'), 'utf8')));
  // npm installs this one beside the bundle, with its own text.
  const installed = '@google-cloud/functions-framework';
  const isOther = (name: string) => !name.startsWith('@media-analysis/') && name !== installed;
  // A package may be installed under the name of another one.
  const names = deployed.filter(isOther).map((name) => ALIASES[name] ?? name);
  expect(new Set(notices.map(({ name }) => name))).toEqual(new Set(names));
  const heic = notices.find(({ name }) => name === 'libheif-js');
  expect(heic?.text).toMatch(/GNU LESSER GENERAL PUBLIC LICENSE[\s\S]+GNU GENERAL PUBLIC LICENSE/);
});

test('so does the page', async () => {
  await currentPage();
  const notices = readNotices(join(PAGE, 'third-party-notices.txt'));
  expectWhole(notices);
  expect(notices.map(({ name }) => name)).toEqual(expect.arrayContaining(['react', 'mediabunny']));
});
