import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { needing } from '../../test/support/needing.ts';
import { findJava } from './java.ts';

const it = needing('bash');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'java-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Installs a command that prints this version to stderr, as every Java does. */
function install(name: string, version: string): string {
  const bin = join(folder, name, 'bin');
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, 'java'), `#!/bin/sh\necho 'openjdk version "${version}"' >&2\n`);
  chmodSync(join(bin, 'java'), 0o755);
  return bin;
}

it('the newest Java in JAVA_HOME, PATH and the folders of the system is found', () => {
  const onPath = install('path', '17.0.15');
  install('home', '1.8.0_412');
  const env = { PATH: `/nowhere:${onPath}`, JAVA_HOME: join(folder, 'home') };
  expect(findJava(env, [])).toEqual({ bin: onPath, version: 17 });
  const newest = install('jvm-25', '25');
  expect(findJava(env, [join(folder, 'jvm-*', 'bin')])).toEqual({ bin: newest, version: 25 });
});

it('JAVA_HOME alone is enough', () => {
  const bin = install('home', '1.8.0_412');
  expect(findJava({ JAVA_HOME: join(folder, 'home') }, [])).toEqual({ bin, version: 8 });
});

test('without Java nothing is found', () => {
  expect(findJava({ PATH: folder }, [])).toBeUndefined();
});
