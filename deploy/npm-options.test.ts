import { parseArgs } from 'node:util';
import { expect, it } from '@jest/globals';
import { keptByNpm, plainly } from './npm-options.ts';

const NAMES = ['dry-run', 'yes', 'project'];

it.each([
  [
    { npm_config_dry_run: 'true' },
    [],
    /^npm has kept --dry-run for itself.*npm run deploy -- … --dry-run/,
  ],
  [
    { npm_config_yes: 'true', npm_config_project: 'true' },
    ['my-p'],
    /kept --yes, --project for itself/,
  ],
  [{ npm_config_project: 'my-project-1234' }, [], /--project/],
])('%j %j: what stands before "--" does not get to the script, and is said', (env, args, text) => {
  expect(keptByNpm('deploy', NAMES, args, env)).toMatch(text);
});

it.each([
  [{}, []],
  // The user had set it before, and npm's own way to say no.
  [{ npm_config_yes: '', npm_config_dry_run: 'false' }, []],
  [{ npm_config_yes: 'true', npm_config_project: 'p' }, ['--yes', '--project=p']],
])('%j %j: nothing is kept', (env, args) => {
  expect(keptByNpm('deploy', NAMES, args, env)).toBeUndefined();
});

it.each([
  ['--projct', "Unknown option '--projct'. Is it --project?"],
  ['--dry', "Unknown option '--dry'. Is it --dry-run?"],
  ['--colour', "Unknown option '--colour'."],
  ['-x', "Unknown option '-x'."],
])(
  '%s: what is not known is said in one sentence, with the option that is near',
  (written, said) => {
    const parsed = () => parseArgs({ args: [written], options: {}, allowPositionals: true });
    expect(parsed).toThrow('To specify a positional argument');
    try {
      parsed();
    } catch (error) {
      expect(plainly(error as Error, NAMES)).toBe(said);
    }
  },
);
