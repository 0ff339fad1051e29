import type { DayLimit, ErrorCode } from '../client/index.ts';

/** Its end is by the clock of this machine, which may be wrong. */
export type OwnDayLimit = Omit<DayLimit, 'ends_in_s'>;

const LONGEST_S = 48 * 3_600;

/** @returns undefined if it is not a limit: another server may have answered */
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
  /** An explanation in English for the user. */
  message: string;
  /** The id of the request in the log of the service, if the service itself failed. */
  requestId?: string | undefined;
  /** The daily limit that was reached: another try can succeed when that day has ended, by the clock of this machine. */
  day_limit?: OwnDayLimit | undefined;
  /** True if the service, or a proxy before it, has answered: the connection works, and the service is down. */
  isAnswered?: boolean;
}

/** True until the day of the limit has ended: another try would be refused for the same reason. */
export const isLimited = ({ day_limit }: UploadError, now = Date.now()): boolean =>
  day_limit !== undefined && now < Date.parse(day_limit.ends_at);
