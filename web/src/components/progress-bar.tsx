interface ProgressBarProps {
  /** 0 to 1 */
  value: number;
  label: string;
  /** What a screen reader says instead of the bare number. */
  text: string;
}

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
