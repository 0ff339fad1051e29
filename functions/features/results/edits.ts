/** What the owner has written in place of the model's words. It is kept beside them, so a new analysis takes nothing away. */
import type { EditMedia, Edits } from '@media-analysis/shared/edits';

/** The words that are shown and searched. */
export function withEdits<A extends object>(analytics: A, edits: Edits | undefined): A & Edits {
  return { ...analytics, ...edits };
}

/** @returns undefined if all words are the model's */
export function editsAfter(before: Edits | undefined, change: EditMedia): Edits | undefined {
  const { title = before?.title, tags = before?.tags } = change;
  const after = { ...(title != null && { title }), ...(tags != null && { tags }) };
  return Object.keys(after).length > 0 ? after : undefined;
}
