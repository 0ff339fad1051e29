import { expect, it } from '@jest/globals';
import { keptByNpm } from './npm-options.ts';

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
  // A setting of the person that was there before, and npm's own way to say no.
  [{ npm_config_yes: '', npm_config_dry_run: 'false' }, []],
  [{ npm_config_yes: 'true', npm_config_project: 'p' }, ['--yes', '--project=p']],
])('%j %j: nothing is kept', (env, args) => {
  expect(keptByNpm('deploy', NAMES, args, env)).toBeUndefined();
});
