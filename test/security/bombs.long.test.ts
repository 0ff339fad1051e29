/** Files that are made to stop the program that opens them, sent by one user through the whole product: all that we know. */
import { Firestore } from '@google-cloud/firestore';
import { expect, test } from '@jest/globals';
import { ERRORS } from '@media-analysis/shared/errors';
import { Instance, type Program } from '../../local/front/instance.ts';
import { BOMBS, type Bomb } from '../support/bombs.ts';
import { cpuYardstick } from '../support/cpu-yardstick.ts';
import { HANG_LIMIT_MS } from '../support/hang-limit.ts';
import { client, eventually, file, startStack, tokenOf } from '../support/stack.ts';
import type { TurnReport } from '../support/turn-length.ts';

/** What they claim is not read, or is less than it seems: they are photos and videos of a few pixels. */
const HARMLESS = new Set([
  'one time for 4,294,967,295 frames.mp4',
  'a chunk of 4,294,967,295 frames.mp4',
  '1,000 tags of a million values.tif',
  'one tag 4,000 times.tif',
  '2,700,000 empty texts.png',
]);
const PRELOAD = new URL('../support/turn-length.ts', import.meta.url);
/** A worker that opens a bomb itself shall not take all of the machine's memory before it ends. */
const ENVIRONMENT = { FILE_CPU_MS: '1000', NODE_OPTIONS: '--max-old-space-size=400' };

/**
 * Sends each bomb through the whole product, beside a photo of another user: each fails at its first delivery, and costs
 * the worker and the other user nothing.
 */
async function expectBombsCostNothing(bombs: readonly Bomb[]): Promise<void> {
  let report: TurnReport | undefined;
  let longestTurnMs = 0;
  let workers = 0;
  let worker: Instance | undefined;
  const launch = ({ command, environment }: Program) => {
    workers++;
    worker = new Instance({
      command,
      environment: { ...environment, ...ENVIRONMENT },
      preload: [PRELOAD],
      onMessage: (message) => {
        report = message as TurnReport;
        longestTurnMs = Math.max(longestTurnMs, report.longestTurnMs);
      },
    });
    return worker;
  };
  const nextReport = async (): Promise<TurnReport> => {
    report = undefined;
    return eventually(async () => report);
  };
  const stack = await startStack({
    service: (unit, options) =>
      unit === 'worker' ? { ...options, launch: () => launch(options.program) } : options,
  });
  const firestore = new Firestore({
    projectId: stack.environment.GOOGLE_CLOUD_PROJECT ?? '',
    host: stack.environment.FIRESTORE_EMULATOR_HOST ?? '',
    ssl: false,
  });
  try {
    const [mallory, alice] = await Promise.all(
      ['mallory', 'alice'].map(async (name) => client(stack, await tokenOf(stack, name))),
    );
    if (!mallory || !alice) throw new Error('no users');
    const photo = await file('18-cat-exif-orientation6.jpg');
    const accepted = async (user: typeof alice, each: File) => {
      const { media_ids } = await user.analyze([each]);
      return user.results(media_ids);
    };
    await accepted(alice, photo);
    const before = await nextReport();
    // What the worker did as it started is not the bombs'.
    longestTurnMs = 0;
    const dead = worker
      ?.ended()
      .then((how) => Promise.reject(new Error(`the worker ended: ${how}`)));
    // It ends after the last bomb as well, when nothing waits for it any more.
    dead?.catch(() => undefined);

    for (const { name, bytes } of bombs) {
      const both = Promise.all([
        accepted(mallory, new File([bytes() as Uint8Array<ArrayBuffer>], name)),
        accepted(alice, photo),
      ]);
      const [[bomb], [other]] = await Promise.race([both, dead ?? both]);
      expect(other).toMatchObject({ status: 'completed' });
      expect([name, bomb?.status]).toEqual([name, HARMLESS.has(name) ? 'completed' : 'failed']);
      if (bomb?.status !== 'failed') continue;
      expect(ERRORS[bomb.error_code ?? 'internal'].retryable).toBe(false);
      const record = await firestore.doc(`media/${bomb.id}`).get();
      expect([name, record.get('deliveries')]).toEqual([name, 1]);
    }
    const after = await nextReport();
    expect(workers).toBe(1);
    expect(longestTurnMs).toBeGreaterThan(0);
    expect(longestTurnMs / 1_000).toBeLessThan(10 * cpuYardstick());
    expect((after.residentBytes - before.residentBytes) / 1e6).toBeLessThan(64);
  } finally {
    await firestore.terminate();
    await stack.close();
  }
}

test(
  'every bomb fails at its first delivery, and costs the worker and another user nothing',
  () => expectBombsCostNothing(BOMBS),
  (BOMBS.length + 1) * HANG_LIMIT_MS,
);
