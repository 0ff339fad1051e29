/** A claim that fails half way leaves no lease that renews itself. The intervals are real here. */
import type { DocumentReference } from '@google-cloud/firestore';
import { expect, test } from '@jest/globals';
import { claim } from '../../../functions/core/work/claim.ts';
import { eventually } from '../../support/eventually.ts';
import { openFirestore } from '../../support/firestore.ts';
import { mediaRecord } from '../../support/media.ts';

const LEASE_MS = 300;
const KEY = 'a'.repeat(64);

const { collection } = await openFirestore();

/** The same reference; after its first query each further one fails, with an error that the client does not repeat. */
function failingAfterOneQuery(ref: DocumentReference): DocumentReference {
  let queries = 0;
  return new Proxy(ref, {
    get(target, name) {
      if (name === 'parent' && ++queries > 1) {
        throw Object.assign(new Error('UNAUTHENTICATED'), { code: 16 });
      }
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

test('a claim that cannot look at the copies a second time leaves the media to the next delivery', async () => {
  const media = collection();
  const stored = { status: 'uploading', object: 'o', content_key: KEY } as const;
  await Promise.all(['m1', 'm2'].map((id) => media.doc(id).create(mediaRecord({ id, ...stored }))));
  const task = { media_id: 'm1', attempt: 1, content_key: KEY };
  const options = { leaseMs: LEASE_MS, maxDeliveries: 8 };
  const ref = media.doc('m1');
  await expect(claim(failingAfterOneQuery(ref), 'analyze', task, options)).rejects.toThrow(
    'UNAUTHENTICATED',
  );
  expect((await ref.get()).get('lease')).not.toBeNull();
  const { lease } = await eventually(async () => {
    const next = await claim(ref, 'analyze', task, options);
    return next.lease && next;
  });
  lease?.abandon();
});
