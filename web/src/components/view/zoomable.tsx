/** A picture that is zoomed by wheel, pinch, double click, buttons and the keys + − 0, and moved by dragging. */
import {
  type CSSProperties,
  type PointerEvent,
  type ReactNode,
  useCallback,
  useEffect,
  useRef,
  useState,
} from 'react';
import { Button } from '../base/button.tsx';
import { useViewWords } from '../words/view.ts';

interface Point {
  x: number;
  y: number;
}

/** How far a picture is zoomed in (1: all of it is seen), and how far its middle has moved, in screen pixels. */
interface View extends Point {
  scale: number;
}

type Size = Record<'width' | 'height', number>;

/** The sizes of the picture at scale 1 and of its frame. The picture is in the middle of the frame. */
type Room = Record<'picture' | 'frame', Size>;

export const WHOLE: View = { scale: 1, x: 0, y: 0 };
export const MAX_SCALE = 8;
const STEP = 1.5;

/** @param at The point that stays in place, from the middle of the frame, in pixels. */
export function zoomed(view: View, factor: number, room: Room, at = { x: 0, y: 0 }): View {
  const scale = Math.min(MAX_SCALE, Math.max(1, view.scale * factor));
  const grown = scale / view.scale;
  return within(
    { scale, x: at.x - (at.x - view.x) * grown, y: at.y - (at.y - view.y) * grown },
    room,
  );
}

export const moved = (view: View, x: number, y: number, room: Room): View =>
  within({ ...view, x: view.x + x, y: view.y + y }, room);

/** A picture that is larger than its frame fills it. A smaller one stays in the middle. */
function within({ scale, x, y }: View, { picture, frame }: Room): View {
  const clamp = (value: number, side: keyof Size) => {
    const most = Math.max(0, (picture[side] * scale - frame[side]) / 2);
    return Math.max(-most, Math.min(most, value)) || 0;
  };
  return { scale, x: clamp(x, 'width'), y: clamp(y, 'height') };
}

/** Layout sizes, which a transform does not change. */
function roomOf(frame: HTMLElement): Room {
  const picture = frame.querySelector<HTMLElement>('.ma-picture') ?? frame;
  const sizeOf = (of: HTMLElement) => ({ width: of.offsetWidth, height: of.offsetHeight });
  return { picture: sizeOf(picture), frame: sizeOf(frame) };
}

interface ZoomableProps {
  children: ReactNode;
  onZoom: (isZoomed: boolean) => void;
  /** Whether the picture is only seen beside another one, during a swipe. */
  isBeside: boolean;
  /** While a slideshow plays, the whole picture is shown. */
  isPlaying: boolean;
}

export function Zoomable({ children, onZoom, isBeside, isPlaying }: ZoomableProps) {
  const { zoom } = useViewWords();
  const frame = useRef<HTMLDivElement>(null);
  const down = useRef(new Map<number, Point>());
  const [view, setView] = useState(WHOLE);
  const by = useCallback((factor: number, at?: { clientX: number; clientY: number }) => {
    const element = frame.current;
    if (!element) return;
    const { left, top, width, height } = element.getBoundingClientRect();
    const from = at && { x: at.clientX - left - width / 2, y: at.clientY - top - height / 2 };
    const room = roomOf(element);
    setView((now) => zoomed(now, factor, room, from));
  }, []);
  const isZoomed = view.scale > 1;
  useEffect(() => onZoom(isZoomed), [isZoomed, onZoom]);
  useEffect(() => {
    if (isPlaying) setView(WHOLE);
  }, [isPlaying]);
  useEffect(() => {
    const element = frame.current;
    if (isBeside || !element) return setView(WHOLE);
    const ends = new AbortController();
    const turn = (event: WheelEvent) => {
      event.preventDefault();
      by(Math.exp(-event.deltaY / 300), event);
    };
    const press = ({ key, target }: KeyboardEvent) => {
      if (target instanceof Element && target.matches('input, select, textarea')) return;
      if (key === '+' || key === '=') by(STEP);
      else if (key === '-') by(1 / STEP);
      else if (key === '0') setView(WHOLE);
    };
    // React's wheel listener is passive: it cannot keep the page from scrolling.
    element.addEventListener('wheel', turn, { passive: false, signal: ends.signal });
    addEventListener('keydown', press, ends);
    return () => ends.abort();
  }, [by, isBeside]);
  const press = (event: PointerEvent<HTMLElement>) => {
    const { pointerId, clientX: x, clientY: y, currentTarget, button } = event;
    if (button !== 0) return;
    if (isZoomed) currentTarget.setPointerCapture(pointerId);
    down.current.set(pointerId, { x, y });
  };
  const drag = (event: PointerEvent<HTMLElement>) => {
    const { pointerId, clientX: x, clientY: y, currentTarget } = event;
    const before = down.current.get(pointerId);
    if (!before) return;
    down.current.set(pointerId, { x, y });
    const other = [...down.current].find(([id]) => id !== pointerId)?.[1];
    if (other) {
      const far = (at: Point) => Math.hypot(at.x - other.x, at.y - other.y);
      const middle = { clientX: (x + other.x) / 2, clientY: (y + other.y) / 2 };
      by(far({ x, y }) / Math.max(1, far(before)), middle);
    } else if (isZoomed) {
      const room = roomOf(currentTarget);
      setView((now) => moved(now, x - before.x, y - before.y, room));
    }
  };
  const release = ({ pointerId }: PointerEvent) => void down.current.delete(pointerId);
  const { scale, x, y } = view;
  // The boxes on the picture divide the sizes of their lines and words by `--ma-zoom`.
  const style: CSSProperties & Record<'--ma-zoom', number> = {
    transform: `translate(${x}px, ${y}px) scale(${scale})`,
    '--ma-zoom': scale,
  };
  return (
    <div className="ma-zoom">
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the buttons and keys do the same */}
      <div
        ref={frame}
        className="ma-zoom-frame"
        data-zoomed={isZoomed || undefined}
        onDoubleClick={(event) => (isZoomed ? setView(WHOLE) : by(2.5, event))}
        onPointerDown={press}
        onPointerMove={drag}
        onPointerUp={release}
        onPointerCancel={release}
      >
        <div style={style}>{children}</div>
      </div>
      {!isBeside && (
        <div className="ma-zoom-buttons">
          <Button
            kind="overlay"
            label={zoom.out}
            aria-disabled={!isZoomed}
            onClick={() => by(1 / STEP)}
          >
            −
          </Button>
          <Button kind="overlay" label={zoom.in} onClick={() => by(STEP)}>
            +
          </Button>
        </div>
      )}
    </div>
  );
}
