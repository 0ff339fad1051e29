/** Why a file was not accepted if its owner has reached a limit of the day: which limit, and when to try again. */
import type { DayLimit } from '../../client/index.ts';
import type { Entry } from '../library/entries.ts';

/** @returns undefined if it failed for another reason */
export function reasonOf({ upload }: Entry, language: string): string | undefined {
  const limit = upload?.error?.day_limit;
  const isNamed = Number(limit?.files ?? limit?.bytes) > 0;
  return limit && isNamed ? dayLimitText(limit, language, Date.now()) : undefined;
}

/** @param timeZone Default: the reader's. */
export function dayLimitText(
  { files, bytes = 0, ends_at }: Omit<DayLimit, 'ends_in_s'>,
  language: string,
  now: number,
  timeZone?: string,
): string {
  const end = Date.parse(ends_at);
  const dayOf = (time: number) => new Date(time).toLocaleDateString('en', { timeZone });
  const isToday = dayOf(end) === dayOf(now);
  const time = new Date(end).toLocaleTimeString(language, { timeStyle: 'short', timeZone });
  const size = formatSize(bytes, language);
  const count = files?.toLocaleString(language);
  if (language === 'ja') {
    const limit = count
      ? `1日の上限（${count}件）に達しました。`
      : `このファイルを送ると、1日の上限（${size}）を超えます。`;
    return now < end
      ? `${limit}${isToday ? '今日' : '明日'}の${time}以降に再試行できます。それまでここに残ります。`
      : `${limit}今から再試行できます。`;
  }
  const limit = count
    ? `You have reached the limit of ${count} ${files === 1 ? 'file' : 'files'} a day.`
    : `With this file you would exceed the limit of ${size} a day.`;
  return now < end
    ? `${limit} You can retry ${isToday ? 'today' : 'tomorrow'} after ${time}: it stays here until then.`
    : `${limit} You can retry now.`;
}

function formatSize(bytes: number, language: string): string {
  const megabytes = Math.round(bytes / 2 ** 20);
  const [size, unit] = megabytes < 1024 ? [megabytes, 'MB'] : [bytes / 2 ** 30, 'GB'];
  return `${size.toLocaleString(language, { maximumFractionDigits: 1 })}\u00a0${unit}`;
}
