import { MEDIA_COLLECTION } from '../../functions/core/media/record.ts';
import { ordinary, type Shelved, shelve } from '../support/library.ts';
import { client, databaseOf, type Stack } from '../support/stack.ts';

/**
 * Gives a library to the user who has no token.
 * @param make Each of its media, the newest last.
 * @returns their ids, the newest first, as the page shows them
 */
export async function shelveLibrary(
  stack: Stack,
  count: number,
  make: (n: number) => Shelved = ordinary,
): Promise<string[]> {
  const db = databaseOf(stack);
  // Only a media of theirs says who they are in the database.
  const files = [{ file_name: 'a.mov', content_type: 'video/quicktime', size: 9 }];
  const body = JSON.stringify({ files });
  await client(stack).call('/api/media/uploads', { method: 'POST', body });
  const [own] = (await db.collection(MEDIA_COLLECTION).limit(1).get()).docs;
  const media = Array.from({ length: count }, (_, n) => make(n));
  const ids = await shelve(db, String(own?.get('owner_id')), media);
  await own?.ref.delete();
  await db.terminate();
  return ids.reverse();
}
