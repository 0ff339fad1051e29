interface RingProps {
  /** 0 to 1 */
  value: number;
  /** What it is about, for screen readers. */
  label: string;
  /** A screen reader says this before the percentage. */
  text: string;
}

/** A small ring that fills, for one of many files. */
export function Ring({ value, label, text }: RingProps) {
  const percent = Math.round(value * 100);
  return (
    <svg
      className="ma-ring"
      viewBox="0 0 32 32"
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
      aria-valuetext={`${text} ${percent}%`}
    >
      <circle cx="16" cy="16" r="10" />
      <circle cx="16" cy="16" r="10" pathLength={100} strokeDasharray={`${percent} 100`} />
    </svg>
  );
}
