interface ProgressBarProps {
  /** 0 to 1 */
  value: number;
  /** What the bar is about, for screen readers. */
  label: string;
  /** A screen reader says this before the percentage. */
  text: string;
}

/**
 * A progress bar.
 * @example
 * ```tsx
 * import { ProgressBar } from '@media-analysis/react';
 *
 * export const Bar = () => <ProgressBar value={media.progress} label="Progress of cat.jpg" text="Storing" />;
 * ```
 */
export function ProgressBar({ value, label, text }: ProgressBarProps) {
  const percent = Math.round(value * 100);
  return (
    <div
      className="ma-progress"
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
      aria-valuetext={`${text} ${percent}%`}
    >
      <div className="ma-progress-fill" style={{ transform: `scaleX(${value})` }} />
    </div>
  );
}
