/** https://cloud.google.com/storage/docs/request-preconditions */
import type { IncomingHttpHeaders } from 'node:http';
import { NotModified, StorageError } from './errors.ts';

const CONDITIONS = [
  'GenerationMatch',
  'GenerationNotMatch',
  'MetagenerationMatch',
  'MetagenerationNotMatch',
] as const;

export type Preconditions = Partial<Record<(typeof CONDITIONS)[number], number>>;

/** The present state for a condition: a live object, a bucket, or neither. */
export type Subject = { generation?: number; metageneration: number } | undefined;

/** Reads `ifGenerationMatch=…` and its siblings. With the prefix `ifSource`, it reads those of a copy's source. */
export function preconditionsOf(query: URLSearchParams, prefix = 'if'): Preconditions {
  return collect((condition) => query.get(`${prefix}${condition}`));
}

/** Reads the XML API's form: `x-goog-if-generation-match` and its siblings. */
export function preconditionsOfHeaders(headers: IncomingHttpHeaders): Preconditions {
  return collect((condition) => {
    const name = condition.replace(/(?<!^)[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
    const value = headers[`x-goog-if-${name}`];
    return typeof value === 'string' ? value : null;
  });
}

function collect(read: (condition: string) => string | null): Preconditions {
  const preconditions: Preconditions = {};
  for (const condition of CONDITIONS) {
    const text = read(condition);
    if (text === null) continue;
    if (!/^\d{1,16}$/.test(text)) {
      throw new StorageError('invalid', `Invalid value for if${condition}: '${text}'`);
    }
    preconditions[condition] = Number(text);
  }
  return preconditions;
}

/**
 * @param subject the present state. A missing object counts as generation 0, so `GenerationMatch: 0` means "only if the object
 * does not exist".
 * @throws {StorageError} 412 unless every condition is true
 */
export function checkPreconditions(preconditions: Preconditions, subject: Subject): void {
  if (!matches(preconditions, subject) || isUnchanged(preconditions, subject)) {
    throw new StorageError(
      'conditionNotMet',
      'At least one of the pre-conditions you specified did not hold.',
    );
  }
}

/** Like `checkPreconditions`, but a failed `…NotMatch` of a read throws {@link NotModified}. */
export function checkReadPreconditions(preconditions: Preconditions, subject: Subject): void {
  if (matches(preconditions, subject) && isUnchanged(preconditions, subject)) {
    throw new NotModified();
  }
  checkPreconditions(preconditions, subject);
}

function matches({ GenerationMatch, MetagenerationMatch }: Preconditions, subject: Subject) {
  return (
    (GenerationMatch === undefined || GenerationMatch === (subject?.generation ?? 0)) &&
    (MetagenerationMatch === undefined || MetagenerationMatch === subject?.metageneration)
  );
}

function isUnchanged(
  { GenerationNotMatch, MetagenerationNotMatch }: Preconditions,
  subject: Subject,
) {
  return (
    (GenerationNotMatch !== undefined && GenerationNotMatch === (subject?.generation ?? 0)) ||
    (MetagenerationNotMatch !== undefined && MetagenerationNotMatch === subject?.metageneration)
  );
}
