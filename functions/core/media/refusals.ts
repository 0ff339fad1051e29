/** Decides whether the next attempt of a media may begin, and lists what a retry makes. */
import { AppError, ERRORS } from '@media-analysis/shared/errors';
import { isTerminal } from '@media-analysis/shared/status';
import { DESCRIBE } from '../../analysis/catalog/analysis-definition.ts';
import { isAnnounced, type MediaRecord, wantedOf } from './record.ts';

/** A media that failed so often in a row fails again. Each attempt costs tasks and writes, even if no model is asked. */
const MAX_ATTEMPTS = 10;

/** A retry makes everything that was asked for and has no answer. */
export function unmade(record: MediaRecord): string[] {
  const { object, failure, error_code, analyses = {} } = record;
  // Nothing was made of a media that was never stored.
  if (object === null) return [...wantedOf(record)];
  const others = Object.keys(analyses).filter((name) => analyses[name]?.status !== 'completed');
  return [...(failure || error_code ? [DESCRIBE] : []), ...others];
}

/** @throws {AppError} `not_ready` */
export function refuseUnfinished({ status, object, file_name }: MediaRecord): void {
  if (!isTerminal(status)) {
    throw new AppError(
      'not_ready',
      `"${file_name}" is still being worked on. Ask again when it is done.`,
    );
  }
  if (object === null) {
    throw new AppError('not_ready', `"${file_name}" is not stored, so it cannot be analysed.`);
  }
}

/** @throws {AppError} `not_retryable` */
export function refuseRetry(record: MediaRecord): void {
  const { status, error_code, file_name, attempts } = record;
  if (!isTerminal(status)) {
    throw new AppError('not_retryable', `"${file_name}" is still being worked on.`);
  }
  if (status === 'completed') {
    throw new AppError('not_retryable', `"${file_name}" is completed already.`);
  }
  if (error_code !== null && !ERRORS[error_code].retryable) {
    throw new AppError(
      'not_retryable',
      `Trying "${file_name}" again would fail the same way: upload another file instead.`,
    );
  }
  // Each question is an attempt too, and those before the last answer have not failed.
  const answered = Object.values(record.made ?? {}).map(({ attempt }) => attempt);
  if (attempts - Math.max(0, ...answered) >= MAX_ATTEMPTS) {
    throw new AppError(
      'not_retryable',
      `"${file_name}" was tried ${MAX_ATTEMPTS} times already. Upload it again, or another file.`,
    );
  }
}

/** @throws {AppError} `not_ready` if the work on the video has begun: a model may look at what is there already */
export function refuseLateFrames(record: MediaRecord): void {
  if (isAnnounced(record)) return;
  throw new AppError(
    'not_ready',
    `Frames of "${record.file_name}" come too late: send them between the announcement of the video and "uploaded".`,
  );
}
