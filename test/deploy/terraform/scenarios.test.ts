import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { Terraform } from '../../../deploy/check/terraform.ts';
import { COMMON, SCENARIOS } from './scenarios.ts';

/** What docs/day-two.md says cannot be changed, and what `applyScenario` changes before it takes everything down. */
const WITHOUT_A_CHANGE = ['deletion_protection', 'firestore_location', 'project_id', 'region'];

test('each setting is changed on something that is set up, and the plan after it has to be empty', () => {
  const { blocks } = new Terraform(fileURLToPath(new URL('../../../terraform', import.meta.url)));
  const all = blocks.filter(({ type }) => type === 'variable').map(({ labels }) => labels[0] ?? '');
  const changed = new Set(
    SCENARIOS.flatMap(({ variables, changes }) => {
      const before = { ...COMMON, ...variables };
      return changes.flatMap((change) =>
        Object.entries(change.variables).flatMap(([name, value]) =>
          value === before[name] ? [] : [name],
        ),
      );
    }),
  );
  expect(all.filter((name) => !changed.has(name)).sort()).toEqual(WITHOUT_A_CHANGE);
});
