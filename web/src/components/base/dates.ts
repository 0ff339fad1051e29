/** @param timeZone Default: the reader's. */
export const formatTime = (time: number, language: string, timeZone?: string): string =>
  new Date(time).toLocaleString(language, { dateStyle: 'medium', timeStyle: 'short', timeZone });

/** Formats a day such as `2026-11-02` for a reader. Any other text stays as it is. */
export function formatDay(text: string, language: string): string {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time)
    ? text
    : new Date(time).toLocaleDateString(language, { dateStyle: 'medium', timeZone: 'UTC' });
}
