/** They zoom a map, for those who have neither a wheel nor two fingers on it. */
interface MapButtonsProps {
  /** What they are called. */
  words: { in: string; out: string };
  onZoom: (step: 1 | -1) => void;
}

export function MapButtons({ words, onZoom }: MapButtonsProps) {
  return (
    <div className="ma-map-buttons">
      <button
        type="button"
        className="ma-button"
        data-kind="overlay"
        aria-label={words.out}
        onClick={() => onZoom(-1)}
      >
        −
      </button>
      <button
        type="button"
        className="ma-button"
        data-kind="overlay"
        aria-label={words.in}
        onClick={() => onZoom(1)}
      >
        +
      </button>
    </div>
  );
}
