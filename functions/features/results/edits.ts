/** The owner's words are kept beside the model's, so a new analysis does not overwrite them. */
import type { EditMedia, Edits } from '@media-analysis/shared/edits';

export function withEdits<A extends object>(analytics: A, edits: Edits | undefined): A & Edits {
  return { ...analytics, ...edits };
}

/** @returns undefined if no words of the owner are left */
export function editsAfter(before: Edits | undefined, change: EditMedia): Edits | undefined {
  const { title = before?.title, summary = before?.summary, tags = before?.tags } = change;
  const after = {
    ...(title != null && { title }),
    ...(summary != null && { summary }),
    ...(tags != null && { tags }),
  };
  return Object.keys(after).length > 0 ? after : undefined;
}
