/** The Firestore document of one reanalysis: its fields, and which of them its owner sees. */
import type { Timestamp } from '@google-cloud/firestore';
import { AppError } from '@media-analysis/shared/errors';
import type { Reanalysis } from '@media-analysis/shared/reanalyses';
import type { CollectionName } from '../../core/media/collections.ts';

export const REANALYSES_COLLECTION: CollectionName = 'reanalyses';

/** One media that is asked about. It is written down before it is asked. */
export interface AskedMedia {
  media_id: string;
  /** The attempt of the media that the question begins. */
  attempt: number;
  /** The receipt of the media before, from which the cost of the question is told. */
  before: Spent;
}

export interface Spent {
  input_tokens: number;
  output_tokens: number;
  cost_usd: number | null;
}

/** The media that was read last; `start`: none yet; `end`: all were. Of a filter with ids, the position of the next one. */
export type Cursor = 'start' | 'end' | { at: Timestamp; id: string } | { next: number };

export interface AnswerTarget {
  model: string;
  version: string;
}

/** The Firestore document: the fields of `Reanalysis`, and fields that never leave the server. */
export interface ReanalysisRecord
  extends Omit<Reanalysis, 'created_at' | 'updated_at' | 'ended_at' | 'in_flight'> {
  created_at: Timestamp;
  updated_at: Timestamp;
  ended_at: Timestamp | null;
  owner_id: string;
  /** What an answer must be of to be up to date. */
  target: AnswerTarget & {
    /** Of a video, if the model takes none and another one answers for it. */
    video?: AnswerTarget;
  };
  asked: AskedMedia[];
  /** The ids of the next media, which were read already. */
  upcoming: string[];
  cursor: Cursor;
  /** Ids of media that somebody was working on. They are tried once more at the end. */
  busy: string[];
  /** Whether they are. */
  is_last_round: boolean;
  /** When the next step is due; null if there is none. The sweeper finds a lost task by it. */
  due_at: Timestamp | null;
  /** Null while it may still run. The TTL policy of the collection deletes it by this field. */
  expires_at: Timestamp | null;
}

/** The fields of a record that its owner may see. */
export function toReanalysis(record: ReanalysisRecord): Reanalysis {
  const { id, analysis, input, language, model, tier, filter, state, wait_code, quote } = record;
  const { done, failed, skipped, asked, input_tokens, output_tokens, cost_usd } = record;
  const { created_at, updated_at, ended_at, revision } = record;
  return {
    id,
    analysis,
    input,
    language,
    model,
    tier,
    filter,
    state,
    wait_code,
    quote,
    done,
    failed,
    skipped,
    in_flight: asked.length,
    input_tokens,
    output_tokens,
    cost_usd,
    created_at: toIso(created_at),
    updated_at: toIso(updated_at),
    ended_at: ended_at && toIso(ended_at),
    revision,
  };
}

/** The same error for an unknown id and for the id of another owner's reanalysis. */
export function unknownReanalysis(id: string): AppError {
  return new AppError('not_found', `You have no reanalysis "${id}".`);
}

const toIso = (time: Timestamp) => time.toDate().toISOString();
