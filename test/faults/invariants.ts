/** What must hold once everything has come to rest, whatever went wrong on the way. */
import { isTerminal } from '@media-analysis/shared/status';
import type { MediaRecord } from '../../functions/core/media/record.ts';
import { findableOf } from '../../functions/features/search/findable.ts';
import {
  originalName,
  previewName,
  smallName,
  stagingName,
} from '../../functions/storage/objects.ts';
import type { AcceptedFile } from './user.ts';

export interface Aftermath {
  accepted: readonly AcceptedFile[];
  records: ReadonlyMap<string, MediaRecord>;
  /** Object names, by bucket. */
  media: ReadonlySet<string>;
  staging: ReadonlySet<string>;
  nowMs: number;
}

/** @returns what does not hold, one line each. */
export function findViolations(aftermath: Aftermath): string[] {
  const { accepted, records, nowMs } = aftermath;
  const lost = accepted.filter(({ id, isDeleted }) => !isDeleted && !records.has(id));
  const undead = accepted.filter(({ id, isDeleted }) => isDeleted && records.has(id));
  const filesById = new Map(accepted.map((file) => [file.id, file]));
  return [
    ...lost.map(({ id }) => `${id} was accepted and is lost`),
    ...undead.map(({ id }) => `${id} was deleted and is still there`),
    ...[...records.values()].flatMap((record) => {
      const complaints = [
        ...checkEnd(record, nowMs),
        ...checkObjects(record, aftermath),
        ...checkOrigin(record, filesById.get(record.id)),
        ...checkSearch(record),
      ];
      return complaints.map((complaint) => `${record.id} (${record.status}): ${complaint}`);
    }),
    ...checkOrphans(aftermath),
  ];
}

function* checkEnd(record: MediaRecord, nowMs: number): Generator<string> {
  if (!isTerminal(record.status)) yield 'has not come to an end';
  if (record.status === 'failed' && !(record.error_code && record.error_message)) {
    yield 'failed without a reason';
  }
  if (record.error_code === 'media_missing') yield 'has lost its bytes';
  if (record.status === 'completed') {
    if (record.analyze && record.analytics === null) yield 'completed without analytics';
    if (record.progress !== 1) yield `completed with progress ${record.progress}`;
    if (record.error_code !== null) yield `completed with the error ${record.error_code}`;
    if (record.object === null) yield 'completed without an object';
  }
  if (record.lease && record.lease.expires_at.toMillis() > nowMs) yield 'is still leased';
}

function* checkObjects(
  { id, status, object, preview_object, small_object, staging_object }: MediaRecord,
  { media, staging }: Aftermath,
): Generator<string> {
  if (object !== null && !media.has(object)) yield 'its object is missing';
  if (preview_object !== null && !media.has(preview_object)) yield 'its preview is missing';
  if (small_object && !media.has(small_object)) yield 'its small picture is missing';
  const isStaged = staging_object !== null && staging.has(staging_object);
  if (object === null && !isStaged && status !== 'failed') yield 'has no bytes and no reason';
  if (object !== null && object !== originalName(id)) yield `its object is called ${object}`;
}

/** What its owner has written is found, and not what was taken back. */
function* checkSearch(record: MediaRecord): Generator<string> {
  const wanted = findableOf(record).search.terms;
  if (record.search?.terms.join() !== wanted.join()) {
    yield `is found by "${record.search?.terms}", not by "${wanted}"`;
  }
}

/** Nobody else's bytes, nobody else's media. */
function* checkOrigin(record: MediaRecord, file: AcceptedFile | undefined): Generator<string> {
  // The sender of a request that broke off was told nothing, and yet it may have been recorded.
  if (!file) return;
  if (record.owner_id !== file.owner) yield `belongs to ${record.owner_id}, not ${file.owner}`;
  if (record.file_name !== file.file_name) yield `is called ${record.file_name}`;
  if (record.sha256 !== null && record.sha256 !== file.sha256) yield 'holds other bytes';
}

function* checkOrphans({ accepted, records, media, staging }: Aftermath): Generator<string> {
  for (const name of media) {
    const [id = ''] = name.split('/');
    const record = records.get(id);
    const isKnown = [originalName(id), previewName(id), smallName(id)].includes(name);
    if (!record || !isKnown) yield `${name} is in the media bucket without a document`;
  }
  // What a request left that nobody was promised anything for, the staging bucket deletes after a day.
  const deleted = accepted.filter(({ isDeleted }) => isDeleted);
  for (const { id } of deleted) {
    if (staging.has(stagingName(id))) yield `${id} was deleted and is still staged`;
  }
}
