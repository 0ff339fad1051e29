import type { Media } from '../../client/index.ts';
import type { Upload } from '../../hooks/index.ts';
import type { Words } from '../words/index.ts';

/** Why a file failed, in the reader's language. */
export function failureText(
  upload: Upload | undefined,
  media: Media | undefined,
  words: Words,
): string {
  const { code, message } = upload?.error ?? {};
  return words.error(
    media?.error_code ?? code ?? null,
    media?.error_message ?? message ?? null,
    media?.file_name ?? upload?.file.name,
  );
}
