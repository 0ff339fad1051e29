/** How long a search takes in a library of ten thousand media, over HTTP, and what Firestore bills for it. */
import type { Firestore } from '@google-cloud/firestore';
import { mediaListSchema } from '@media-analysis/shared/search';
import { MEDIA_COLLECTION, type MediaRecord } from '../../functions/core/media/record.ts';
import { startStack } from '../../local/stack.ts';
import { startFirestore } from '../../local-cloud/firestore/server.ts';
import { shelve } from '../../test/support/library.ts';
import {
  addressOf,
  isFound,
  libraryOf,
  MOST_READS,
  SEARCHES,
  type Search,
} from '../../test/support/searches.ts';
import { client, tokenOf } from '../../test/support/stack.ts';
import { type Claim, type Row, row } from '../lib/claim.ts';
import { connectFirestore } from '../lib/cloud.ts';
import { OperationCounter } from '../lib/operations.ts';
import { bundlesOf } from '../lib/units.ts';

const OWNER = 'alice';
const TIMES = 20;
const WARM_UP = 5;
const MOST_MS = 300;

/** How a library is searched without an index: all that is said of each media is read, and looked through. */
const BESIDE = 'full read';

export const claim: Claim = {
  name: 'search',
  title: 'Search in 10,000 media',
  reasons: {
    'words of most media':
      'on a machine that is 1.7 times faster these took 186 and 222 ms. The ratio to the rival is the same.',
    slowest:
      'on a machine that is 1.7 times faster these took 186 and 222 ms. The ratio to the rival is the same.',
  },
  whole: true,
  once: true,
  async run({ quick, artefact, say }) {
    const count = quick ? 200 : 10_000;
    const counter = new OperationCounter();
    const service = await startFirestore({ interceptors: [counter.interceptor] });
    process.env.FIRESTORE_EMULATOR_HOST = `${service.host}:${service.port}`;
    const environment = { LOG_LEVEL: 'silent', ANALYSIS_MODEL: 'local/facts' };
    // A sweep reads media too.
    const sweepIntervalMs = 24 * 3_600_000;
    const stack = await startStack({ bundles: bundlesOf(artefact), environment, sweepIntervalMs });
    const firestore = await connectFirestore({
      ...stack.environment,
      FIRESTORE_EMULATOR_HOST: `${service.host}:${service.port}`,
    });
    try {
      await shelve(firestore, OWNER, libraryOf(count));
      say(`${count} media stored`);
      const user = client(stack, await tokenOf(stack, OWNER));
      const read = async (search: Search) => {
        const response = await user.call(addressOf(search));
        const { media } = mediaListSchema.parse(await response.json());
        const first = media.slice(0, 3).map(({ analytics }) => analytics?.title);
        if (!isFound(search, first)) throw new Error(`${search.name}: found ${first}`);
      };
      const naive = () => readAll(firestore, 'wood');
      const beside = await repeat(quick ? 1 : 3, naive);
      const { operations: naiveOperations } = await counter.during(naive);
      const rows: Row[] = [];
      let slowest = 0;
      for (const search of SEARCHES) {
        await repeat(WARM_UP, () => read(search));
        const times = await repeat(TIMES, () => read(search));
        const { operations } = await counter.during(() => read(search));
        slowest = Math.max(slowest, ...times);
        rows.push(
          row({
            what: search.name,
            unit: 'ms',
            ours: times,
            baselines: [{ name: BESIDE, values: beside }],
            targets: [{ of: 'value', atMost: MOST_MS }],
          }),
          row({
            what: `${search.name}: reads`,
            unit: '',
            ours: [operations.reads],
            baselines: [{ name: BESIDE, values: [naiveOperations.reads] }],
            targets: [{ of: 'value', atMost: MOST_READS }],
          }),
        );
      }
      rows.push(
        row({
          what: 'slowest',
          unit: 'ms',
          ours: [slowest],
          targets: [{ of: 'value', atMost: MOST_MS }],
        }),
      );
      return { setup: `${count} media of one owner, ${TIMES} searches in turn`, rows };
    } finally {
      await firestore.terminate();
      await stack.close();
      await service.close();
      delete process.env.FIRESTORE_EMULATOR_HOST;
    }
  },
};

async function repeat(times: number, work: () => Promise<unknown>): Promise<number[]> {
  const durations: number[] = [];
  for (let n = 0; n < times; n++) {
    const started = performance.now();
    await work();
    durations.push(performance.now() - started);
  }
  return durations;
}

async function readAll(firestore: Firestore, word: string): Promise<MediaRecord[]> {
  const media = firestore.collection(MEDIA_COLLECTION).where('owner_id', '==', OWNER);
  const { docs } = await media.select('analytics').get();
  return docs
    .map((doc) => doc.data() as MediaRecord)
    .filter(({ analytics }) => analytics?.title.includes(word));
}
