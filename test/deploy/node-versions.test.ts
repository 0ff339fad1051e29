/** Which Node is asked for: what the documents say is what `package.json` of the project and of its packages say. */
import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { OLDEST_NODE } from '../../cli/node.ts';
import { OLDEST_NODE as OLDEST_OF_CLOUD } from '../../local-cloud/node.ts';
import { manifestOf, PACKAGES } from '../../web/package-manifests.ts';

const read = (path: string) => readFile(new URL(`../../${path}`, import.meta.url), 'utf8');

test.each(['README.md', 'README.ja.md', 'CONTRIBUTING.md', 'docs/systems.md'])(
  '%s says which Node this project needs',
  async (path) => {
    const { engines } = JSON.parse(await read('package.json'));
    expect(engines.node).toBe('>=20');
    expect(await read(path)).toMatch(/Node ≥ 20 |Node 20 以上|20 or newer/);
  },
);

test.each(['README.md', 'README.ja.md', 'web/README.md', 'docs/cli.md', 'docs/systems.md'])(
  '%s says which one the packages need',
  async (path) => {
    const asked = PACKAGES.map((name) => manifestOf(name).engines.node);
    expect(new Set(asked)).toEqual(new Set([`>=${OLDEST_NODE}`]));
    expect(await read(path)).toContain(OLDEST_NODE);
  },
);

test.each(['local-cloud/README.md', 'docs/systems.md'])(
  '%s says which one the local cloud needs',
  async (path) => {
    expect(await read(path)).toContain(OLDEST_OF_CLOUD);
  },
);
