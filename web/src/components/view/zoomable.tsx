/**
 * A picture that is zoomed by wheel, pinch, double click, buttons and the keys + − 0, and moved by dragging.
 */
import {
  type CSSProperties,
  type PointerEvent,
  type ReactNode,
  useCallback,
  useEffect,
  useRef,
  useState,
} from 'react';
import { useViewWords } from '../words/view.ts';
import { moved, type View, WHOLE, zoomed } from './zoom.ts';

interface ZoomableProps {
  children: ReactNode;
  /** Told when the picture is zoomed in, so that more of it can be loaded. */
  onZoom: (isZoomed: boolean) => void;
  /** Whether it is only seen beside another one, for as long as a finger moves that one. */
  isBeside: boolean;
}

const STEP = 1.5;

export function Zoomable({ children, onZoom, isBeside }: ZoomableProps) {
  const { zoom } = useViewWords();
  const frame = useRef<HTMLDivElement>(null);
  const [view, setView] = useState<View>(WHOLE);
  const by = useCallback((factor: number, clientX?: number, clientY?: number) => {
    const element = frame.current;
    if (!element) return;
    const { left, top, width, height } = element.getBoundingClientRect();
    const middle = { x: left + width / 2, y: top + height / 2 };
    const at = { x: (clientX ?? middle.x) - middle.x, y: (clientY ?? middle.y) - middle.y };
    const room = roomOf(element);
    setView((now) => zoomed(now, factor, room, at));
  }, []);
  const isZoomed = view.scale > 1;
  useEffect(() => onZoom(isZoomed), [isZoomed, onZoom]);
  useEffect(() => {
    const element = frame.current;
    // React listens to the wheel in a way that cannot keep the page from scrolling.
    const turn = (event: WheelEvent) => {
      event.preventDefault();
      by(Math.exp(-event.deltaY / 300), event.clientX, event.clientY);
    };
    element?.addEventListener('wheel', turn, { passive: false });
    return () => element?.removeEventListener('wheel', turn);
  }, [by]);
  useEffect(() => {
    if (isBeside) return setView(WHOLE);
    const press = ({ key, target }: KeyboardEvent) => {
      if (target instanceof Element && target.matches('input, select, textarea')) return;
      if (key === '+' || key === '=') by(STEP);
      else if (key === '-') by(1 / STEP);
      else if (key === '0') setView(WHOLE);
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, [by, isBeside]);
  const pointers = usePointers({ by, setView, isZoomed });
  return (
    <div className="ma-zoom">
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the buttons and keys do the same */}
      <div
        ref={frame}
        className="ma-zoom-frame"
        data-zoomed={isZoomed || undefined}
        onDoubleClick={({ clientX, clientY }) =>
          isZoomed ? setView(WHOLE) : by(2.5, clientX, clientY)
        }
        {...pointers}
      >
        <div style={styleOf(view)}>{children}</div>
      </div>
      {!isBeside && (
        <div className="ma-zoom-buttons">
          <button
            type="button"
            className="ma-button"
            data-kind="overlay"
            aria-label={zoom.out}
            aria-disabled={!isZoomed}
            onClick={() => by(1 / STEP)}
          >
            −
          </button>
          <button
            type="button"
            className="ma-button"
            data-kind="overlay"
            aria-label={zoom.in}
            onClick={() => by(STEP)}
          >
            +
          </button>
        </div>
      )}
    </div>
  );
}

/** Boxes on the picture draw their lines and words by `--ma-zoom`. */
function styleOf({ scale, x, y }: View): CSSProperties {
  const style = { transform: `translate(${x}px, ${y}px) scale(${scale})`, '--ma-zoom': scale };
  return style;
}

/** The sizes are those of the layout, which a transform does not change. */
function roomOf(frame: HTMLElement) {
  const picture = frame.querySelector<HTMLElement>('.ma-picture') ?? frame;
  return { picture: sizeOf(picture), frame: sizeOf(frame) };
}

const sizeOf = ({ offsetWidth, offsetHeight }: HTMLElement) => ({
  width: offsetWidth,
  height: offsetHeight,
});

interface Gestures {
  by: (factor: number, clientX?: number, clientY?: number) => void;
  setView: (change: (now: View) => View) => void;
  isZoomed: boolean;
}

function usePointers({ by, setView, isZoomed }: Gestures) {
  const down = useRef(new Map<number, { x: number; y: number }>());
  const onPointerDown = (event: PointerEvent<HTMLElement>) => {
    const { pointerId, clientX: x, clientY: y, currentTarget, button } = event;
    if (button !== 0) return;
    if (isZoomed) currentTarget.setPointerCapture(pointerId);
    down.current.set(pointerId, { x, y });
  };
  const onPointerMove = ({
    pointerId,
    clientX: x,
    clientY: y,
    currentTarget,
  }: PointerEvent<HTMLElement>) => {
    const before = down.current.get(pointerId);
    if (!before) return;
    const [other] = [...down.current].flatMap(([id, at]) => (id === pointerId ? [] : [at]));
    down.current.set(pointerId, { x, y });
    if (other) {
      const far = (at: { x: number; y: number }) => Math.hypot(at.x - other.x, at.y - other.y);
      by(far({ x, y }) / Math.max(1, far(before)), (x + other.x) / 2, (y + other.y) / 2);
      return;
    }
    // Otherwise a finger moves all of it.
    if (!isZoomed) return;
    const room = roomOf(currentTarget);
    setView((now) => moved(now, x - before.x, y - before.y, room));
  };
  const onPointerUp = ({ pointerId }: PointerEvent) => {
    down.current.delete(pointerId);
  };
  return { onPointerDown, onPointerMove, onPointerUp, onPointerCancel: onPointerUp };
}
