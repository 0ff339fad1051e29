/** Media ids in requests. */
import { AppError } from '@media-analysis/shared/errors';
import { MAX_IDS } from '@media-analysis/shared/stream';

/** A text of another form is an unknown id. */
export function isMediaId(text: string): boolean {
  return /^[A-Za-z0-9]{1,64}$/.test(text);
}

/** @throws {AppError} `not_found` for a text that cannot be an id: no media has it. */
export function mediaId({ id = '' }: Record<string, string>): string {
  if (!isMediaId(id)) throw new AppError('not_found', 'There is no media of that id.');
  return id;
}

/** Reads a comma-separated list, without repetitions. @throws {AppError} `invalid_request` */
export function parseIds(text: string | null): string[] {
  const parts = (text ?? '').split(',').map((part) => part.trim());
  const ids = [...new Set(parts)].filter((id) => id !== '');
  if (ids.length === 0) throw new AppError('invalid_request', 'ids: name at least one media id.');
  if (ids.length > MAX_IDS) {
    throw new AppError('invalid_request', `ids: at most ${MAX_IDS} in one request.`);
  }
  return ids;
}
