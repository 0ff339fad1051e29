/** The errors of a request of which no file is accepted. */
import { AppError, ERRORS } from '@media-analysis/shared/errors';
import type { RejectedFile } from '@media-analysis/shared/uploads';

export function allRejected(rejected: RejectedFile[]): AppError {
  const [first] = rejected;
  if (!first) {
    return new AppError('no_file', 'The form has no file. Add at least one in the field "files".');
  }
  // The first error that the sender can mend is shown. If all errors are ours, the first one says that the sender
  // can try again.
  const shown = rejected.find(({ code }) => ERRORS[code].status < 500) ?? first;
  const extensions = { rejected };
  if (rejected.length === 1) return new AppError(shown.code, shown.message, { extensions });
  return new AppError(
    shown.code,
    `None of the ${rejected.length} files was accepted: see "rejected". The first: ${shown.message}`,
    { extensions },
  );
}

export function tooManyFiles(limit: number): AppError {
  const most =
    limit === 1 ? 'This request may bring one file' : `One request may bring ${limit} files`;
  return new AppError('too_many_files', `${most}. Send them in several requests.`);
}
