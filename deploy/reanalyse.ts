/** `npm run reanalyse -- --analysis NAME --quote|--yes`: analyses stored media again. `docs/analyses.md` has more. */
import type { Firestore } from '@google-cloud/firestore';
import { AppError } from '@media-analysis/shared/errors';
import { createReanalysisSchema } from '@media-analysis/shared/reanalyses';
import { offersFlex } from '../functions/analysis/catalog/model-name.ts';
import { hasMedia, ownersOf } from '../functions/core/media/owners.ts';
import { ReanalysisQueue } from '../functions/features/reanalyses/queue.ts';
import type { ReanalysisRecord } from '../functions/features/reanalyses/record.ts';
import { applyChange, readWanted } from '../functions/features/reanalyses/routes.ts';
import { ReanalysisStore } from '../functions/features/reanalyses/store.ts';
import { parse } from '../functions/http/body.ts';
import { areCurrent, promptFiles } from '../local/analyses-digest.ts';
import { chooseModel } from '../local/model.ts';
import { exitWithFailure, PlainError } from './command-failure.ts';
import { readCommand } from './npm-options.ts';
import { openMedia } from './open-media.ts';

const USAGE = `npm run reanalyse -- --analysis NAME --quote [options]    says what it would cost
npm run reanalyse -- --analysis NAME --yes [options]      starts it
npm run reanalyse -- --cancel [--owner OWNER_ID]          ends what is under way

  --owner OWNER_ID     "sub" of the owner's tokens. Without it: each owner
  --stale              only media whose answer is of another version or model
  --missing            only media without an answer
  --failed             only media for which it has failed
                       Without these three: all that are not up to date
  --kind image|video   only photos, or only videos
  --from, --to TIME    only media that came then, such as 2026-11-01 or 2026-11-01T12:00:00Z
  --input JSON         what the analysis has to be told, such as '{"question": "Who is it for?"}' for ask
  --language TAG       of the answers, such as ja. Without it: that of each media
  --model MODEL        one that the deployment names in ANALYSIS_MODEL or MODEL_FALLBACK
  --flex               slower and for less money, where the model's provider has that
  --local              the data of "npm start" on this machine, which must not run meanwhile.
                       Without it: the project that the settings of the api name (docs/owner-data.md)`;

const FLAGS = ['quote', 'yes', 'cancel', 'stale', 'missing', 'failed', 'flex', 'local'] as const;
const TEXTS = ['analysis', 'owner', 'kind', 'from', 'to', 'input', 'language', 'model'] as const;

const STALE =
  'The files of analyses/ have changed, and this command would go by those of before. Run "npm run analyses", and then this again.';

interface Deps {
  firestore: Firestore;
  services: Parameters<typeof applyChange>[3] & Parameters<typeof readWanted>[2];
}

const { action, owner, wish, isLocal } = readArguments();
try {
  if (isLocal) Object.assign(process.env, chooseModel());
  // The definitions are loaded already. Outdated ones would call old answers up to date.
  if (isLocal && action !== 'cancel' && !areCurrent(promptFiles())) throw new PlainError(STALE);
  const { kit, config, close } = await openMedia('reanalyse', isLocal);
  const { ANALYSIS_MODEL: model, MODEL_FALLBACK, REANALYSIS_IN_FLIGHT } = config;
  const { firestore, queue, logger } = kit;
  const reanalyses = new ReanalysisStore(firestore, REANALYSIS_IN_FLIGHT);
  const models = [...new Set([model, ...MODEL_FALLBACK])];
  await run({
    firestore,
    services: {
      reanalyses,
      moments: kit.moments,
      queue: new ReanalysisQueue(queue),
      logger,
      model,
      models,
      offersFlex: (name) => offersFlex(name, config),
    },
  });
  await close();
  process.exit(0);
} catch (error) {
  if (/^input\./.test((error as Error).message)) console.error('Say it with --input.');
  exitWithFailure(error);
}

async function run({ firestore, services }: Deps): Promise<void> {
  // A wrong option is wrong for each owner.
  if (action !== 'cancel') readWanted(wish, '', services);
  if (owner !== undefined) await refuseUnknown(owner, firestore, services);
  const owners = owner === undefined ? ownersOf(firestore) : [owner];
  let failures = 0;
  const total = { owners: 0, media: 0, cost: 0 as number | null };
  for await (const id of owners) {
    try {
      const media = action === 'cancel' ? await cancel(id, services) : await start(id, services);
      total.owners++;
      total.media += media.count;
      total.cost = total.cost === null || media.cost === null ? null : total.cost + media.cost;
    } catch (error) {
      // For example an owner who has asked for too many quotes. The others must not be left out for that.
      if (!(error instanceof AppError)) throw error;
      failures++;
      console.error(`${nameOf(id)}: ${error.message}`);
    }
  }
  if (action === 'cancel') console.log(`Cancelled ${total.media}. What has begun is finished.`);
  else if (total.owners !== 1)
    console.log(`Together: ${total.media} media, ${dollars(total.cost)}`);
  if (action === 'quote') console.log('Nothing was started. Put --yes in place of --quote for it.');
  if (action === 'yes' && total.media > 0) {
    const who = isLocal ? '"npm start" goes on with it' : 'The worker goes on with it';
    console.log(`${who}; its owner sees it on the page. --cancel ends it.`);
  }
  if (failures > 0) {
    const who = failures === 1 ? '1 owner was' : `${failures} owners were`;
    throw new PlainError(`${who} left out, for the reason above.`);
  }
}

/** An owner without media and a wrong id look alike. */
async function refuseUnknown(
  ownerId: string,
  firestore: Firestore,
  { reanalyses }: Deps['services'],
): Promise<void> {
  if (await hasMedia(firestore, ownerId)) return;
  // A reanalysis of deleted media can still be cancelled.
  if (action === 'cancel' && (await reanalyses.list(ownerId, 1)).records.length > 0) return;
  throw new PlainError(
    `No media is stored under the owner id ${nameOf(ownerId)}. --owner needs the "sub" of the owner's tokens.`,
  );
}

interface Outcome {
  count: number;
  cost: number | null;
}

async function start(ownerId: string, services: Deps['services']): Promise<Outcome> {
  const record = await services.reanalyses.create(readWanted(wish, ownerId, services));
  console.log(`${nameOf(ownerId)}: ${sentenceOf(record)}`);
  const { media: count, cost_usd: cost } = record.quote;
  if (action === 'yes' && count > 0) {
    const { id } = await applyChange('confirm', record.id, ownerId, services);
    console.log(`${nameOf(ownerId)}: started ${id}`);
  }
  return { count, cost: count === 0 ? 0 : cost };
}

async function cancel(ownerId: string, services: Deps['services']): Promise<Outcome> {
  const { records } = await services.reanalyses.list(ownerId, 1);
  const underWay = records.filter(({ state }) => state === 'running' || state === 'paused');
  for (const { id, done, quote } of underWay) {
    await applyChange('cancel', id, ownerId, services);
    console.log(`${nameOf(ownerId)}: cancelled ${id} after ${done} of ${quote.media}`);
  }
  return { count: underWay.length, cost: 0 };
}

function sentenceOf({ quote }: ReanalysisRecord): string {
  const { media, up_to_date, not_possible, minutes, receipts, note } = quote;
  const left = [
    up_to_date > 0 && `${up_to_date} up to date`,
    not_possible > 0 && `${not_possible} not stored`,
  ].filter(Boolean);
  const counts = `${media} media${left.length > 0 ? ` (besides ${left.join(', ')})` : ''}`;
  if (media === 0) return counts;
  const learnt =
    note ??
    (receipts === 0
      ? undefined
      : `estimated from ${receipts} ${receipts === 1 ? 'receipt' : 'receipts'}`);
  return [counts, dollars(quote.cost_usd), timeOf(minutes), learnt].filter(Boolean).join('; ');
}

/** Ids come from tokens, and may contain control sequences of a terminal. */
function nameOf(ownerId: string): string {
  return JSON.stringify(ownerId);
}

function timeOf(minutes: number | null): string {
  if (minutes === null) return 'time not known';
  return minutes < 1 ? 'less than a minute' : `about ${minutes} minutes`;
}

function dollars(usd: number | null): string {
  if (usd === null) return 'cost not known';
  return usd === 0 ? 'no cost' : `about $${usd.toPrecision(2)}`;
}

function readArguments() {
  const options = {
    ...Object.fromEntries(FLAGS.map((name) => [name, { type: 'boolean' as const }])),
    ...Object.fromEntries(TEXTS.map((name) => [name, { type: 'string' as const }])),
  } as Record<(typeof FLAGS)[number], { type: 'boolean' }> &
    Record<(typeof TEXTS)[number], { type: 'string' }>;
  return readCommand('reanalyse', USAGE, options, (values, [unexpected]) => {
    if (unexpected !== undefined) throw new Error(`Unexpected argument '${unexpected}'.`);
    const action = onlyOne(values, 'quote', 'yes', 'cancel');
    if (action === undefined) throw new Error('Say --quote, --yes or --cancel.');
    const { analysis, owner, kind, from, to, language, model, flex, local = false } = values;
    const input = values.input === undefined ? undefined : inputOf(values.input);
    if (action !== 'cancel' && analysis === undefined) throw new Error('Say --analysis NAME.');
    const filter = {
      only: onlyOne(values, 'stale', 'missing', 'failed'),
      kind,
      from: momentOf(from),
      to: momentOf(to),
    };
    // Not read for --cancel.
    const body = { analysis: analysis ?? 'describe', input, language, model, filter };
    // As in a request, options that are not given are left out.
    const said = JSON.parse(JSON.stringify({ ...body, ...(flex && { tier: 'flex' }) }));
    const wish = parse(createReanalysisSchema, said);
    return { action, owner, wish, isLocal: local };
  });
}

function onlyOne<Name extends (typeof FLAGS)[number]>(
  values: Partial<Record<Name, boolean>>,
  ...names: Name[]
): Name | undefined {
  const given = names.filter((name) => values[name]);
  if (given.length > 1) {
    throw new Error(`Say only one of ${given.map((name) => `--${name}`).join(' and ')}.`);
  }
  return given[0];
}

function inputOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`--input: JSON, such as '{"question": "Who is it for?"}'`);
  }
}

/** A day begins at midnight in UTC. */
function momentOf(text: string | undefined): string | undefined {
  return text !== undefined && /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text;
}
