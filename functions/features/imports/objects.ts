/** Turns objects of a bucket into fields of media. Imports and arrivals use it. */
import type { ErrorCode } from '@media-analysis/shared/errors';
import { whyUnacceptable } from '../../core/accept/unacceptable.ts';
import type { ListedObject } from '../../storage/list-bucket.ts';

/** A console of Cloud Storage makes folders as empty objects whose name ends with "/". */
export const isFolder = ({ name }: Pick<ListedObject, 'name'>): boolean => name.endsWith('/');

/** People see the name without its folders. */
function fileNameOf(name: string): string {
  return name.split('/').at(-1) || name;
}

/** @returns why an object cannot become a media; undefined if it can */
export function whyRefused(
  { name, size, content_type, content_encoding }: ListedObject,
  maxUploadBytes: number,
): { code: ErrorCode; message: string } | undefined {
  const file_name = fileNameOf(name);
  const refusal = whyUnacceptable({ file_name, content_type, size }, maxUploadBytes);
  if (refusal || content_encoding === undefined || content_encoding === 'identity') return refusal;
  const message = `"${file_name}" is stored with Content-Encoding: ${content_encoding}. Store the bytes of the file itself.`;
  return { code: 'unsupported_media_type', message };
}

export function objectFields(bucket: string, object: ListedObject, in_place: boolean) {
  const { name, generation, size, content_type } = object;
  return {
    file_name: fileNameOf(name),
    content_type,
    size,
    source: { bucket, name, generation, ...(in_place && { in_place: true }) },
    staging_object: null,
  };
}
