/**
 * Whether the answers of a media fit into its document. Its earlier results are documents of their own and take nothing
 * away here (`earlier-results.ts`), but each input is written twice: with its answer, and with how that was made.
 */
import { AppError } from '@media-analysis/shared/errors';
import { MAX_ANSWER_BYTES, storedBytes } from '../../analysis/stored-bytes.ts';
import type { MediaRecord } from './record.ts';

/** https://firebase.google.com/docs/firestore/quotas#collections_documents_and_fields */
export const MAX_DOCUMENT_BYTES = 1_048_576;
/** The longest description has about 175,000 bytes; the rest is for what the media itself says. */
const BESIDE_ANSWERS_BYTES = 256_000;
/** One analysis has receipts, versions and an error besides its input and answer. */
const AROUND_ANSWER_BYTES = 4_000;

type Answers = Pick<MediaRecord, 'analyses' | 'made'>;

/** True if the longest answer to `input` does not fit beside the longest answers to all that was asked before. */
export function isFull(
  { analyses = {}, made = {} }: Answers,
  name: string,
  input: Record<string, unknown>,
): boolean {
  const inputs = { ...mapped(analyses), [name]: input };
  const bytes = Object.entries(inputs).reduce((sum, [each, asked]) => {
    // Until there is a new answer, the input of the present one is kept.
    const kept = Math.max(storedBytes(asked), storedBytes(made[each]?.input ?? {}));
    return sum + storedBytes(asked) + kept + MAX_ANSWER_BYTES + AROUND_ANSWER_BYTES;
  }, 0);
  return bytes > MAX_DOCUMENT_BYTES - BESIDE_ANSWERS_BYTES;
}

const mapped = (analyses: NonNullable<Answers['analyses']>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(analyses).map(([name, { input }]) => [name, input]));

/** @throws {AppError} `invalid_request` */
export function refuseFull(
  record: Answers & Pick<MediaRecord, 'file_name'>,
  name: string,
  input: Record<string, unknown>,
): void {
  if (!isFull(record, name, input)) return;
  throw new AppError(
    'invalid_request',
    `input: what is asked about "${record.file_name}" is too long to be kept beside its other answers. Ask with fewer words, or upload the file again and ask there.`,
  );
}
