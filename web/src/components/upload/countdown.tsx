import { useEffect, useState } from 'react';
import type { Media } from '../../client/index.ts';
import { useWords } from '../words/index.ts';

interface CountdownProps {
  /** ISO 8601: the media's `retry_at`. */
  until: string;
  /** Why the media waits: its `wait_code`. */
  code: Media['wait_code'];
  /** The limit that is reached, if any: its `wait_limit`. */
  limit?: Media['wait_limit'] | undefined;
}

/**
 * Says why a media has to wait, and counts the seconds until the next try.
 * @example
 * ```tsx
 * import { Countdown } from '@media-analysis/react';
 *
 * export const Wait = () =>
 *   media.retry_at && <Countdown until={media.retry_at} code={media.wait_code} limit={media.wait_limit} />;
 * ```
 */
export function Countdown({ until, code, limit }: CountdownProps) {
  const words = useWords();
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  const seconds = Math.ceil((Date.parse(until) - now) / 1_000);
  return (
    <p className="ma-countdown">
      {words.waitsFor(code, limit)}{' '}
      {seconds > 0 ? words.continuesIn(formatDuration(seconds)) : words.continuesSoon}
    </p>
  );
}

/** `0:42`, `12:05`, `1:00:00` */
export function formatDuration(seconds: number): string {
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3_600), Math.floor(whole / 60) % 60];
  const parts = [...(hours > 0 ? [hours] : []), minutes, whole % 60];
  return parts.map((part, n) => String(part).padStart(n === 0 ? 1 : 2, '0')).join(':');
}
