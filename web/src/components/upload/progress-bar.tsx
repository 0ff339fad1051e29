interface ProgressBarProps {
  /** 0 to 1 */
  value: number;
  /** What the bar is about, for screen readers. */
  label: string;
  /** A screen reader says this before the percentage. */
  text: string;
}

const spoken = ({ value, text }: ProgressBarProps) => ({
  'aria-valuemin': 0,
  'aria-valuemax': 100,
  'aria-valuenow': Math.round(value * 100),
  'aria-valuetext': `${text} ${Math.round(value * 100)}%`,
});

/**
 * A progress bar.
 * @example
 * ```tsx
 * import { ProgressBar } from '@media-analysis/react';
 *
 * export const Bar = () => <ProgressBar value={media.progress} label="Progress of cat.jpg" text="Storing" />;
 * ```
 */
export const ProgressBar = (props: ProgressBarProps) => (
  <div className="ma-progress" role="progressbar" aria-label={props.label} {...spoken(props)}>
    <div className="ma-progress-fill" style={{ transform: `scaleX(${props.value})` }} />
  </div>
);

/** The same as a small ring, for one of many files. */
export const Ring = (props: ProgressBarProps) => (
  <svg
    className="ma-ring"
    viewBox="0 0 32 32"
    role="progressbar"
    aria-label={props.label}
    {...spoken(props)}
  >
    <circle cx="16" cy="16" r="10" />
    <circle
      cx="16"
      cy="16"
      r="10"
      pathLength={100}
      strokeDasharray={`${Math.round(props.value * 100)} 100`}
    />
  </svg>
);
