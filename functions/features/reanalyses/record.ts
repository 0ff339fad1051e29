/** The Firestore document of a reanalysis, and the part of it that its owner sees. */
import type { Timestamp } from '@google-cloud/firestore';
import { AppError } from '@media-analysis/shared/errors';
import type { Reanalysis } from '@media-analysis/shared/reanalyses';

export const REANALYSES_COLLECTION = 'reanalyses';

/** A media that the run asks about. It is written before the model is asked. */
export interface AskedMedia {
  media_id: string;
  /** The attempt that the run begins. */
  attempt: number;
  /** The receipt before the attempt. The difference afterwards is the cost. */
  before: Spent;
}

export interface Spent {
  input_tokens: number;
  output_tokens: number;
  cost_usd: number | null;
}

/** The media that was read last; `start`: none yet; `end`: all. A filter with ids has the position of its next id. */
export type Cursor = 'start' | 'end' | { at: Timestamp; id: string } | { next: number };

export interface AnswerTarget {
  model: string;
  version: string;
}

/** The fields of `Reanalysis`, and fields that never leave the server. */
export interface ReanalysisRecord
  extends Omit<Reanalysis, 'created_at' | 'updated_at' | 'ended_at' | 'in_flight'> {
  created_at: Timestamp;
  updated_at: Timestamp;
  ended_at: Timestamp | null;
  owner_id: string;
  /** An answer from this model and version is up to date. */
  target: AnswerTarget & {
    /** Another model answers for videos, if the model takes none. */
    video?: AnswerTarget;
  };
  asked: AskedMedia[];
  /** Ids of the next media. */
  upcoming: string[];
  cursor: Cursor;
  /** Ids of media that were busy. The last round tries them once more. */
  busy: string[];
  is_last_round: boolean;
  /** When the next step is due; null if there is none. With it the sweeper finds lost tasks. */
  due_at: Timestamp | null;
  /** Null until the run has ended. The TTL policy of the collection reads it. */
  expires_at: Timestamp | null;
}

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

/** The error is the same for an unknown id and for another owner's id. */
export function unknownReanalysis(id: string): AppError {
  return new AppError('not_found', `You have no reanalysis "${id}".`);
}

const toIso = (time: Timestamp) => time.toDate().toISOString();
