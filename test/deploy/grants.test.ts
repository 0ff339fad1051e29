/**
 * What becomes of a grant when a setting changes. Whoever replaces a grant by deleting it first leaves a unit without the
 * right; whoever creates it first, and it is the same one, deletes it afterwards.
 */
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { Terraform } from '../../deploy/check/terraform.ts';

const terraform = new Terraform(fileURLToPath(new URL('../../terraform', import.meta.url)));

/** The accounts of the units: the pipeline's come and go with the pipeline. */
const UNIT = /^google_service_account\.(api|worker|stream)\.member$/;
/** What a grant can be about, and can be another one after a setting was changed. */
const CHANGEABLE =
  /\bvar\.(firestore_database|state_bucket)\b|\bgoogle_(project_iam_custom_role|cloud_tasks_queue)\./;

/** The expressions of a block, with the local values that they name. */
const textOf = ({ attributes, blocks }: (typeof terraform.blocks)[number]): string =>
  withLocals(JSON.stringify([attributes, blocks]));

function withLocals(text: string): string {
  const locals = terraform.locals();
  return text.replaceAll(/\blocal\.(\w+)/g, (name, local: string) => locals[local] ?? name);
}

/** Whether a setting takes it away. */
const isBySetting = ({ count, for_each = '' }: (typeof terraform.blocks)[number]['attributes']) =>
  count !== undefined || /\bvar\./.test(withLocals(for_each));

const grants = terraform.all().filter(({ labels }) => /_iam_member$/.test(labels[0] ?? ''));
const names = (list: typeof grants) => list.map(({ labels }) => labels.join('.')).sort();
const first = grants.filter(({ blocks }) =>
  blocks.some(
    ({ type, attributes }) => type === 'lifecycle' && attributes.create_before_destroy === 'true',
  ),
);

test('a grant that a setting can replace or take away is created before the old one is deleted, and no other one', () => {
  const changeable = grants.filter(
    (grant) =>
      CHANGEABLE.test(textOf(grant)) ||
      (isBySetting(grant.attributes) && UNIT.test(grant.attributes.member ?? '')),
  );
  expect(names(changeable)).toEqual(
    expect.arrayContaining([
      'google_cloud_tasks_queue_iam_member.worker_enqueues',
      'google_project_iam_member.worker_firestore',
      'google_project_iam_member.worker_vertex',
      'google_storage_bucket_iam_member.worker_staging',
    ]),
  );
  expect(names(first)).toEqual(names(changeable));
});

test('the old grant is deleted after its unit was changed: each unit depends on its grants that can be replaced or taken away', () => {
  const units = {
    api: terraform.resource('google_cloudfunctions2_function', 'api'),
    worker: terraform.resource('google_cloudfunctions2_function', 'worker'),
    stream: terraform.resource('google_cloud_run_v2_service', 'stream'),
  };
  const missing = Object.entries(units).flatMap(([name, { attributes }]) => {
    const own = first.filter(
      (grant) => grant.attributes.member === `google_service_account.${name}.member`,
    );
    expect(own).not.toEqual([]);
    const named: string[] = attributes.depends_on?.match(/[\w.]+/g) ?? [];
    return names(own).filter((grant) => !named.includes(grant));
  });
  expect(missing).toEqual([]);
});
