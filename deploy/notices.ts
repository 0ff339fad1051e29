/**
 * The licences of packages that are bundled with a unit, as one text: each asks that its own text goes along. For the page and
 * the packages Vite writes the same (`build.license`).
 */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { z } from 'zod';

const manifestSchema = z.object({
  name: z.string(),
  version: z.string(),
  author: z
    .union([z.string(), z.object({ name: z.string() }).transform(({ name }) => name)])
    .optional(),
  license: z.string().optional(),
  /** In packages from before 2015: https://docs.npmjs.com/cli/configuring-npm/package-json#license */
  licenses: z.array(z.object({ type: z.string() })).default([]),
});

/** Apache-2.0 asks for the NOTICE file, too. */
const TEXTS = /^(licen[cs]e|copying|notice)/i;
const PACKAGE = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/;

/** Declares by an address that it is in the public domain: https://www.npmjs.com/package/uri-templates */
const PUBLIC_DOMAIN = 'http://geraintluff.github.io/tv4/LICENSE.txt';

/** @param sources paths of the bundled files below `root`, as esbuild names them */
export function noticesOf(sources: Iterable<string>, root: string): string {
  const folders = new Set([...sources].flatMap((path) => PACKAGE.exec(path)?.[0] ?? []));
  // Two copies of one version have one entry.
  const notices = new Map([...folders].sort().map((folder) => noticeOf(join(root, folder))));
  const all = [...notices].map(([title, text]) => `\n## ${title}\n\n${text}\n`);
  return `# Licenses\n\nThese packages are bundled here, as a whole or in part:\n${all.join('')}`;
}

function noticeOf(folder: string): [title: string, text: string] {
  const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const { name, version, author, ...said } = manifestSchema.parse(manifest);
  const license = said.license ?? said.licenses.map(({ type }) => type).join(' OR ');
  const files = readdirSync(folder, { withFileTypes: true });
  const own = files
    .filter((file) => file.isFile() && TEXTS.test(file.name))
    .map((file) => readFileSync(join(folder, file.name), 'utf8').trim());
  const texts =
    own.length > 0
      ? own
      : [`Its author is ${author ?? name}. It brings no text along; it is under:`, textOf(license)];
  // The lesser licence is the general one with exceptions, and asks for both texts.
  if (license.startsWith('LGPL-3.0')) texts.push(textOf('GPL-3.0-only'));
  return [`${name} - ${version} (${license})`, texts.join('\n\n')];
}

/** @param id as in https://spdx.org/licenses */
function textOf(id: string): string {
  if (id === PUBLIC_DOMAIN) {
    return 'the public domain. "Anybody can modify or re-license it for any purpose, without restriction."';
  }
  const path = createRequire(import.meta.url).resolve(`spdx-license-list/licenses/${id}.json`);
  return z
    .object({ licenseText: z.string() })
    .parse(JSON.parse(readFileSync(path, 'utf8')))
    .licenseText.trim();
}
