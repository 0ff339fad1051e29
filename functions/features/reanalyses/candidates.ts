/** Reads the media of an owner that match a filter, page by page. The answers of models are not read. */
import {
  FieldPath,
  type Firestore,
  type Query,
  type QuerySnapshot,
  Timestamp,
} from '@google-cloud/firestore';
import type { ReanalysisFilter } from '@media-analysis/shared/reanalyses';
import { isNewer, MEDIA_COLLECTION, type MediaRecord, recordOf } from '../../core/media/record.ts';
import type { Cursor, ReanalysisRecord } from './record.ts';
import { fieldsToRead, kindOf } from './standing.ts';

const PAGE = 300;

/** Media that came after `created_at` are not in scope. */
export type Scope = Pick<ReanalysisRecord, 'owner_id' | 'analysis' | 'filter' | 'created_at'>;

export interface CandidatePage {
  records: MediaRecord[];
  /** Number of media that were read, matching or not. */
  read: number;
  cursor: Cursor;
}

/** Newest first. A filter with ids keeps their order. */
export async function candidatesFrom(
  firestore: Firestore,
  scope: Scope,
  cursor: Cursor,
): Promise<CandidatePage> {
  const page = scope.filter.ids
    ? await byIds(firestore, scope, scope.filter.ids, cursor)
    : await byTime(firestore, scope, cursor);
  return { ...page, records: page.records.filter((record) => isInScope(record, scope)) };
}

function isInScope(record: MediaRecord, { owner_id, filter, created_at }: Scope): boolean {
  const at = record.created_at.toMillis();
  return (
    record.owner_id === owner_id &&
    !isNewer(record) &&
    (filter.kind === undefined || filter.kind === kindOf(record)) &&
    (filter.from === undefined || at >= Date.parse(filter.from)) &&
    at < endOf(filter, created_at)
  );
}

function endOf({ to }: ReanalysisFilter, created_at: Timestamp): number {
  const before = created_at.toMillis();
  return to === undefined ? before : Math.min(before, Date.parse(to));
}

async function byIds(
  firestore: Firestore,
  { analysis }: Scope,
  ids: readonly string[],
  cursor: Cursor,
): Promise<CandidatePage> {
  const start = typeof cursor === 'object' && 'next' in cursor ? cursor.next : 0;
  const unique = [...new Set(ids)];
  const chosen = unique.slice(start, start + PAGE);
  const next: Cursor = start + PAGE < unique.length ? { next: start + PAGE } : 'end';
  if (chosen.length === 0) return { records: [], read: 0, cursor: 'end' };
  const media = firestore.collection(MEDIA_COLLECTION);
  const snapshots = await firestore.getAll(...chosen.map((id) => media.doc(id)), {
    fieldMask: fieldsToRead(analysis),
  });
  const records = snapshots.flatMap((snapshot) => recordOf(snapshot) ?? []);
  return { records, read: chosen.length, cursor: next };
}

async function byTime(
  firestore: Firestore,
  { owner_id, analysis, filter, created_at }: Scope,
  cursor: Cursor,
): Promise<CandidatePage> {
  let query: Query = firestore
    .collection(MEDIA_COLLECTION)
    .where('owner_id', '==', owner_id)
    .where('created_at', '<', Timestamp.fromMillis(endOf(filter, created_at)));
  if (filter.from !== undefined) {
    query = query.where('created_at', '>=', Timestamp.fromMillis(Date.parse(filter.from)));
  }
  query = query.orderBy('created_at', 'desc').orderBy(FieldPath.documentId(), 'desc');
  if (typeof cursor === 'object' && 'id' in cursor) query = query.startAfter(cursor.at, cursor.id);
  const { docs }: QuerySnapshot = await query
    .select(...fieldsToRead(analysis))
    .limit(PAGE)
    .get();
  const records = docs.map((doc) => doc.data() as MediaRecord);
  const last = records.at(-1);
  const next: Cursor = last && docs.length === PAGE ? { at: last.created_at, id: last.id } : 'end';
  return { records, read: docs.length, cursor: next };
}
