/** Days and times are written in one way on all of the page, whatever part of the world its browser comes from. */

/** `en` alone is the American way. The English words of the page are British, as those of the summaries are. */
export const localeOf = (language: string) => (language === 'en' ? 'en-GB' : language);

/** @param timeZone Absent: that of the reader. */
export function formatTime(time: number, language: string, timeZone?: string): string {
  const format = { dateStyle: 'medium', timeStyle: 'short', timeZone } as const;
  return new Intl.DateTimeFormat(localeOf(language), format).format(time);
}

/** The time of a day, such as `09:00`. */
export function formatHour(time: number, language: string, timeZone?: string): string {
  return new Intl.DateTimeFormat(localeOf(language), { timeStyle: 'short', timeZone }).format(time);
}

/** A day such as `2026-11-02` as people write it. Any other text stays as it is. */
export function formatDay(text: string, language: string): string {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) return text;
  const format = { dateStyle: 'medium', timeZone: 'UTC' } as const;
  return new Intl.DateTimeFormat(localeOf(language), format).format(time);
}
