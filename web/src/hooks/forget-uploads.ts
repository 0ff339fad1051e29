/**
 * Deletes the files of all users that `useAnalyzeMedia` keeps in this browser with `keepFor`. Call it when a user has signed out.
 * @example
 * ```ts
 * import { forgetUploads } from '@media-analysis/react';
 *
 * export const onSignedOut = () => void forgetUploads();
 * ```
 */
export async function forgetUploads(): Promise<void> {
  try {
    const { forgetAll } = await import('./uploads/kept-database.ts');
    await forgetAll();
  } catch {
    // The browser forbids to keep anything, so there is nothing to delete.
  }
}
