/** The boxes around the objects of a picture, with their names. */
import { useEffect, useRef } from 'react';
import type { Media } from '../../client/index.ts';
import { useWords } from '../words/index.ts';
import { useLabel } from './use-label.ts';

interface ObjectBoxesProps {
  analytics: NonNullable<Media['analytics']>;
  /** Index of the object to mark. */
  pointed: number | undefined;
}

const percent = (share: number) => `${share * 100}%`;

export function ObjectBoxes({ analytics, pointed }: ObjectBoxesProps) {
  const { objects } = analytics;
  const words = useWords();
  const labelOf = useLabel(analytics);
  const layer = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: other objects or words have other labels
  useEffect(() => {
    const labels = [...(layer.current?.querySelectorAll('.ma-box-label') ?? [])];
    // Each label is as large on the screen at each zoom, so its own size changes with it.
    const sizes = new ResizeObserver(() => hideCovered(labels));
    for (const label of labels) sizes.observe(label);
    if (layer.current) sizes.observe(layer.current);
    return () => sizes.disconnect();
  }, [objects, words]);
  return (
    <div ref={layer} className="ma-object-boxes">
      {objects.map(
        ({ label, box }, index) =>
          box && (
            <div
              // biome-ignore lint/suspicious/noArrayIndexKey: two objects may differ in nothing else
              key={index}
              className="ma-box"
              data-pointed={pointed === index}
              data-side={box.x + box.width / 2 > 0.5 ? 'right' : 'left'}
              data-top={box.y < 0.06 || undefined}
              style={{
                left: percent(box.x),
                top: percent(box.y),
                width: percent(box.width),
                height: percent(box.height),
              }}
            >
              <span className="ma-box-label">{labelOf(label)}</span>
            </div>
          ),
      )}
    </div>
  );
}

/** A label that would lie on an earlier one is not shown. Closer up, there is room for more of them. */
function hideCovered(labels: readonly Element[]): void {
  const shown: DOMRect[] = [];
  for (const label of labels) {
    const rect = label.getBoundingClientRect();
    const isCovered = shown.some((other) => overlap(rect, other));
    label.toggleAttribute('data-covered', isCovered);
    if (!isCovered) shown.push(rect);
  }
}

const overlap = (a: DOMRect, b: DOMRect) =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
