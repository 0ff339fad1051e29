/** Shares one `DailySpend` among all that a process pays for. */
import type { Firestore } from '@google-cloud/firestore';
import type { Logger } from '../../process/log.ts';
import { DailySpend, type SEARCH_SLICES } from './daily-spend.ts';
import type { SpendSettings } from './settings.ts';

interface DailyDeps {
  config: SpendSettings;
  firestore: Firestore;
  logger: Logger;
  now: () => number;
  atEnd(run: () => unknown): void;
}

const made = new WeakMap<Firestore, DailySpend>();

/** @returns the same object for each caller: with two, the process would take two slices */
export function dailySpend(
  { config, firestore, logger, now, atEnd }: DailyDeps,
  slices?: typeof SEARCH_SLICES,
): DailySpend {
  const known = made.get(firestore);
  if (known) return known;
  const spend = new DailySpend(firestore, {
    ownerUsd: config.MAX_OWNER_USD_PER_DAY,
    projectUsd: config.MAX_USD_PER_DAY,
    logger,
    now,
    ...(slices && { slices }),
  });
  made.set(firestore, spend);
  atEnd(() => spend.giveBack());
  return spend;
}
