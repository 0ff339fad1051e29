/**
 * The database counts time in whole microseconds since the epoch. A double holds these exactly until the
 * year 2255.
 */
import { invalidArgument } from '../base/rpc-error.ts';
import type { WireTimestamp } from './wire.ts';

export type Micros = number;

/** 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z: the range of `google.protobuf.Timestamp`. */
const MIN_SECONDS = -62_135_596_800;
const MAX_SECONDS = 253_402_300_799;

export function toWireTimestamp(micros: Micros): WireTimestamp {
  const seconds = Math.floor(micros / 1e6);
  return { seconds, nanos: (micros - seconds * 1e6) * 1_000 };
}

/** For commit and read times. Other timestamps may be too far away to be exact. */
export function fromWireTimestamp(timestamp: WireTimestamp): Micros {
  const { seconds, nanos } = truncateTimestamp(timestamp);
  return seconds * 1e6 + nanos / 1_000;
}

/**
 * Rounds down to the microsecond, as the service does when it stores a timestamp.
 * @throws INVALID_ARGUMENT if the timestamp is out of range
 */
export function truncateTimestamp(timestamp: WireTimestamp): { seconds: number; nanos: number } {
  const seconds = Number(timestamp.seconds ?? 0);
  const nanos = timestamp.nanos ?? 0;
  if (seconds < MIN_SECONDS || seconds > MAX_SECONDS || nanos < 0 || nanos > 999_999_999) {
    throw invalidArgument(`Timestamp is out of range: ${seconds} s, ${nanos} ns.`);
  }
  return { seconds, nanos: nanos - (nanos % 1_000) };
}

/**
 * Commit times are unique and strictly ascending. A read time is at least the last commit's time and
 * below the next one's. So each time names exactly one state of the database.
 */
export class Clock {
  #last: Micros;
  readonly #now: () => number;

  /**
   * @param now milliseconds since the epoch
   * @param last all later times are above this one
   */
  constructor(now: () => number, last: Micros = 0) {
    this.#now = now;
    this.#last = last;
  }

  commitTime(): Micros {
    this.#last = Math.max(this.#nowMicros(), this.#last + 1);
    return this.#last;
  }

  readTime(): Micros {
    this.#last = Math.max(this.#nowMicros(), this.#last);
    return this.#last;
  }

  #nowMicros(): Micros {
    return Math.floor(this.#now() * 1_000);
  }
}
