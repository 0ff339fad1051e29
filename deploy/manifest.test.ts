import { describe, expect, test } from '@jest/globals';
import { manifestOf } from './manifest.ts';

const LOCK = {
  '': { version: '1.2.3', dependencies: {}, optionalDependencies: {} },
  'node_modules/a': locked('1.0.0', { b: '^2' }, { native: '*', other: '*' }),
  'node_modules/b': locked('1.9.0'),
  'node_modules/a/node_modules/b': locked('2.1.0', { c: '*' }),
  'node_modules/c': locked('3.0.0', { a: '*' }),
  'node_modules/native': locked('4.0.0'),
  'node_modules/unrelated': locked('5.0.0'),
};

function locked(
  version: string,
  dependencies: Record<string, string> = {},
  optionalDependencies: Record<string, string> = {},
) {
  return { version, dependencies, optionalDependencies };
}

describe('the packages that are installed beside a bundle', () => {
  test('have exactly the version of our lock file', () => {
    const { packageJson } = manifestOf('api', ['a'], LOCK);
    expect(packageJson).toMatchObject({ version: '1.2.3', dependencies: { a: '1.0.0' } });
  });

  test('come with exactly the packages that Node would find for them', () => {
    const { packageLock } = manifestOf('api', ['a'], LOCK);
    const { packages } = packageLock as { packages: Record<string, unknown> };
    expect(Object.keys(packages).sort()).toEqual([
      '',
      'node_modules/a',
      'node_modules/a/node_modules/b',
      'node_modules/c',
      'node_modules/native',
    ]);
  });

  test('must be in the lock file', () => {
    expect(() => manifestOf('api', ['nothing'], LOCK)).toThrow('package-lock.json has no nothing');
    const broken = { ...LOCK, 'node_modules/c': locked('3.0.0', { gone: '*' }) };
    expect(() => manifestOf('api', ['a'], broken)).toThrow(
      'has no gone, which node_modules/c needs',
    );
  });
});
