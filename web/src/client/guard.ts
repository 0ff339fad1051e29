/**
 * Checks the main fields of each answer, so that a page never shows nonsense. The full schemas are too large for the browser; the
 * server checks its answers with them.
 */
import type { Media } from '@media-analysis/shared/media';
import type { MediaList } from '@media-analysis/shared/search';
import { MEDIA_STATUSES } from '@media-analysis/shared/status';
import { MediaClientError } from './errors.ts';

type Is = (value: unknown) => boolean;
type Fields<T> = { [Name in keyof T]?: 'string' | 'number' | Is };

export const isList: Is = Array.isArray;

export const isOneOf =
  (values: readonly string[]): Is =>
  (value) =>
    values.some((each) => each === value);

export const isListOf =
  (is: Is): Is =>
  (value) =>
    Array.isArray(value) && value.every(is);

/** @returns a check that these fields of an object have the right form */
export const isWith =
  <T>(fields: Fields<T>) =>
  (value: unknown): value is T => {
    const given = (value ?? {}) as Record<string, unknown>;
    return Object.entries<string | Is | undefined>(fields).every(([name, is]) =>
      typeof is === 'function' ? is(given[name]) : typeof given[name] === is,
    );
  };

/** @throws {MediaClientError} if the value is something else, for example because a proxy answered */
export const reading = <T>(fields: Fields<T>) => {
  const is = isWith<T>(fields);
  return (value: unknown): T => {
    if (is(value)) return value;
    const message = 'The server gave an answer that cannot be read.';
    throw new MediaClientError('unavailable', message, { status: 502, cause: value });
  };
};

const MEDIA: Fields<Media> = {
  id: 'string',
  file_name: 'string',
  status: isOneOf(MEDIA_STATUSES),
  progress: 'number',
  revision: 'number',
};
export const isMedia = isWith<Media>(MEDIA);
export const asMedia = reading<Media>(MEDIA);
export const asMediaList = reading<MediaList>({ media: isListOf(isMedia) });
