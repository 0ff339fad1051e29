/** Records of work that goes on step by step, each step a task: those whose next task is lost get another one. */
import { type Firestore, Timestamp } from '@google-cloud/firestore';
import type { Logger } from '../../process/log.ts';

interface OverdueDeps {
  firestore: Firestore;
  logger: Logger;
  /** A record that is overdue for this time has lost its task. In milliseconds. */
  quietMs: number;
  now: () => number;
}

const MOST = 300;
const AT_A_TIME = 20;

/**
 * A step that is delivered late for another reason does no harm.
 * @param collection Its records say in `due_at` when their next step is due.
 * @param enqueue Gets the id of a record, and the end of its task's name. Returns whether a new task was created.
 * @returns how many tasks were created
 * @example await enqueueOverdue('reanalyses', (id, suffix) => queue.enqueueStep(id, suffix), deps);
 */
export async function enqueueOverdue(
  collection: string,
  enqueue: (id: string, suffix: string) => Promise<boolean>,
  { firestore, logger, now, quietMs }: OverdueDeps,
): Promise<number> {
  const { docs } = await firestore
    .collection(collection)
    .where('due_at', '<', Timestamp.fromMillis(now() - quietMs))
    .orderBy('due_at')
    .select()
    .limit(MOST)
    .get();
  const minute = Math.floor(now() / 60_000);
  let created = 0;
  for (let start = 0; start < docs.length; start += AT_A_TIME) {
    const some = docs.slice(start, start + AT_A_TIME).map(({ id }) =>
      enqueue(id, `s${minute}`).catch((error: unknown) => {
        logger.error({ run_id: id, collection, error }, 'not swept; the next sweep tries again');
        return false;
      }),
    );
    created += (await Promise.all(some)).filter(Boolean).length;
  }
  return created;
}
