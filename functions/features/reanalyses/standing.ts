/** Finds out whether a media has an up-to-date answer to an analysis. */
import { isDeepStrictEqual } from 'node:util';
import { FieldPath } from '@google-cloud/firestore';
import type { ReanalysisFilter } from '@media-analysis/shared/reanalyses';
import { isTerminal } from '@media-analysis/shared/status';
import { DESCRIBE } from '../../analysis/catalog/analysis-definition.ts';
import { languageOf, type MediaRecord } from '../../core/media/record.ts';
import type { AnswerTarget, ReanalysisRecord } from './record.ts';

export type Target = Pick<ReanalysisRecord, 'analysis' | 'input' | 'language' | 'target'>;

/** The answers themselves are not read. */
export function fieldsToRead(analysis: string): FieldPath[] {
  const own = (name: string) => new FieldPath('analyses', analysis, name);
  return [
    ...['id', 'owner_id', 'status', 'object', 'content_type', 'content_key', 'sha256', 'language'],
    ...['made', 'unanswered', 'attempts', 'created_at', 'failure', 'error_code', 'paid_calls'],
    ...[
      'updated_at',
      'schema_version',
      'facts.kind',
      'usage',
      'analytics.model',
      'analytics.prompt_version',
      'analytics.language',
    ],
  ]
    .map((path) => new FieldPath(...path.split('.')))
    .concat(['status', 'input', 'model', 'version', 'usage', 'error_code'].map(own));
}

export function kindOf({ facts, content_type }: MediaRecord): 'image' | 'video' {
  return facts?.kind ?? (content_type.startsWith('video/') ? 'video' : 'image');
}

export function targetOf(record: MediaRecord, { target }: Target): AnswerTarget {
  return (kindOf(record) === 'video' ? target.video : undefined) ?? target;
}

export type Standing =
  /** A worker has it, or will have it. */
  | 'busy'
  /** It was never stored. */
  | 'impossible'
  | 'current'
  | Exclude<ReanalysisFilter['only'], 'any'>;

/** @param record At least with the fields of `fieldsToRead`. */
export function standingOf(record: MediaRecord, target: Target): Standing {
  // A media that is not stored yet is busy too: the run asks about it later, so its quote counts it.
  if (!isTerminal(record.status)) return 'busy';
  if (record.object === null) return 'impossible';
  const answer = answerOf(record, target);
  if (answer.isFailed) return 'failed';
  if (answer.model === null) return 'missing';
  return isCurrent(answer, target, targetOf(record, target)) ? 'current' : 'stale';
}

/** A busy media matches later, when it is free. */
export function isWanted(standing: Standing, only: ReanalysisFilter['only']): boolean {
  if (standing === 'current' || standing === 'impossible') return false;
  return only === 'any' || standing === only;
}

interface AnswerState {
  isFailed: boolean;
  /** The model that answered; null if there is no answer. */
  model: string | null;
  version: string | null;
  language: string;
  /** The model that was asked; null if it is not known. */
  asked: string | null;
  input: Record<string, unknown>;
}

function answerOf(record: MediaRecord, { analysis }: Target): AnswerState {
  const { analytics, analyses, status } = record;
  const made = record.made?.[analysis];
  const asked = made?.asked ?? null;
  const language = languageOf(record, analysis);
  if (analysis === DESCRIBE) {
    return {
      isFailed: status === 'failed',
      model: analytics?.model ?? null,
      version: analytics?.prompt_version ?? null,
      language,
      asked,
      input: {},
    };
  }
  const result = analyses?.[analysis];
  return {
    isFailed: result?.status === 'failed',
    model: result?.model ?? null,
    version: result?.version ?? null,
    language,
    asked,
    input: made?.input ?? result?.input ?? {},
  };
}

function isCurrent(
  { model, version, asked, language, input }: AnswerState,
  target: Target,
  wanted: AnswerTarget,
): boolean {
  const isOfModel = asked === wanted.model || isVersionOf(model ?? '', wanted.model);
  const isInLanguage = target.language === null || target.language === language;
  return (
    isOfModel &&
    version === wanted.version &&
    isInLanguage &&
    isDeepStrictEqual(input, target.input)
  );
}

/** Asked as `gemini-3.5-flash`, Gemini answers as `gemini-3.5-flash-001`. */
function isVersionOf(answerer: string, asked: string): boolean {
  return answerer.replace(/-\d{3}$/, '') === asked || answerer === asked;
}
