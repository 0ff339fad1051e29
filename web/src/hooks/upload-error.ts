import type { DayLimit, ErrorCode } from '../client/index.ts';

/** Its end is by the clock of this machine, which may be wrong. */
export type OwnDayLimit = Omit<DayLimit, 'ends_in_s'>;

const LONGEST_S = 48 * 3_600;

/** @returns undefined for what is no limit: another server may answer. */
export function byOwnClock(
  limit: Partial<DayLimit> | null | undefined,
  now = Date.now(),
): OwnDayLimit | undefined {
  const { ends_in_s = 0 } = limit ?? {};
  return ends_in_s > 0 && ends_in_s < LONGEST_S
    ? { ...limit, ends_at: new Date(now + ends_in_s * 1_000).toISOString() }
    : undefined;
}

/** Why a file was not accepted. */
export interface UploadError {
  /** A code of the API. */
  code: ErrorCode;
  /** The same for a person, in English. */
  message: string;
  /** The id of the request in the log of the service; only of what the service itself failed at. */
  requestId?: string | undefined;
  /** The limit of the day that is reached: another try is of use when that day has ended, by the clock of this machine. */
  day_limit?: OwnDayLimit | undefined;
  /** True if the service has answered, or what stands before it: the line is whole, and it is the service that is down. */
  isAnswered?: boolean;
}

/** Whether another try would be refused for the same reason: the day of the limit has not ended. */
export const isLimited = ({ day_limit }: UploadError, now = Date.now()): boolean =>
  day_limit !== undefined && now < Date.parse(day_limit.ends_at);
