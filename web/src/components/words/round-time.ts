import type { TimeLeft } from '../../hooks/index.ts';

/** @returns both numbers of the range as a person would say them; `from` is 0 if it may be over at once */
export function roundTime({ from, to }: TimeLeft): [number, number, 's' | 'min' | 'h'] {
  if (to < 55) return [Math.round(from / 10) * 10, Math.max(1, Math.round(to / 10)) * 10, 's'];
  const isLong = to >= 100 * 60;
  const unit = isLong ? 3_600 : 60;
  return [Math.round(from / unit), Math.max(1, Math.round(to / unit)), isLong ? 'h' : 'min'];
}
