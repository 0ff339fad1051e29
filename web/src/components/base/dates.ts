/** Days and times as they are written in the reader's part of the world. */

/** @param timeZone Absent: that of the reader. */
export function formatTime(time: number, language: string, timeZone?: string): string {
  const format = { dateStyle: 'medium', timeStyle: 'short', timeZone } as const;
  return new Intl.DateTimeFormat(language, format).format(time);
}

/** The time of a day, such as `09:00`. */
export function formatHour(time: number, language: string, timeZone?: string): string {
  return new Intl.DateTimeFormat(language, { timeStyle: 'short', timeZone }).format(time);
}

/** A day such as `2026-11-02` as people write it. Any other text stays as it is. */
export function formatDay(text: string, language: string): string {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) return text;
  const format = { dateStyle: 'medium', timeZone: 'UTC' } as const;
  return new Intl.DateTimeFormat(language, format).format(time);
}
