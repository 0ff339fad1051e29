/** The slideshow of the full view shows one media after the other, alone on the screen. Times are in ms. */
import {
  type KeyboardEvent,
  type PointerEvent,
  type RefObject,
  type SyntheticEvent,
  useCallback,
  useEffect,
  useRef,
  useState,
} from 'react';
import { keepFocus } from '../base/keep-focus.ts';

/** How long a picture is shown after it is drawn. */
const SHOWN_MS = 5_000;
/** After this time the show skips a media that has not loaded, or a video that has stood still. */
const PATIENCE_MS = 15_000;
/** How long the buttons stay after the mouse has moved. */
const AWAKE_MS = 3_000;
/** One press of Escape may leave full screen and close the dialog too, within this time. */
const SAME_PRESS_MS = 500;
/** These keys press the focused button, or do nothing. */
const QUIET_KEYS = ['Enter', ' ', 'Shift', 'Control', 'Alt', 'Meta'];
const isControl = (target: EventTarget) =>
  target instanceof Element && target.closest('button') !== null;

interface Turns {
  media: { id: string };
  onNext?: (() => void) | undefined;
  onFirst?: (() => void) | undefined;
  hasMore?: boolean | undefined;
}

interface Shown {
  /** Fills the screen. A dialog itself cannot: https://fullscreen.spec.whatwg.org/#dom-element-requestfullscreen */
  inner: RefObject<HTMLElement | null>;
  heading: RefObject<HTMLElement | null>;
  isDrawn: boolean;
  player: HTMLVideoElement | null;
}

export function useSlideshow(
  { media: { id }, onNext, onFirst, hasMore = false }: Turns,
  { inner, heading, isDrawn, player }: Shown,
) {
  const [state, setState] = useState<'playing' | 'paused'>();
  const [isMoved, setIsMoved] = useState(false);
  const [isHidden, setIsHidden] = useState(false);
  const [isDue, setIsDue] = useState(false);
  const isOwn = useRef(false);
  const leftFullscreen = useRef(-Infinity);
  const falling = useRef<ReturnType<typeof setTimeout>>(undefined);
  const toggler = useRef<HTMLButtonElement>(null);
  const isOn = state !== undefined;
  const isPlaying = state === 'playing';
  const isRunning = isPlaying && !isHidden;
  const canStart = onNext !== undefined || onFirst !== undefined || hasMore;

  const pause = useCallback(() => setState((now) => now && 'paused'), []);
  const end = useCallback(() => setState(undefined), []);
  const play = () => setState('playing');
  const toggle = () => (isPlaying ? pause() : play());
  const wake = () => {
    setIsMoved(true);
    clearTimeout(falling.current);
    falling.current = setTimeout(() => setIsMoved(false), AWAKE_MS);
  };

  useEffect(() => {
    const screen = inner.current;
    if (!isOn || !screen) return;
    const ends = new AbortController();
    // The button that was pressed is hidden now.
    keepFocus(toggler.current);
    const exit = () => void document.exitFullscreen().catch(() => undefined);
    // Not every browser has full screen, and an app may forbid it. The show may end before the screen is filled.
    screen.requestFullscreen?.().then(
      () => ends.signal.aborted && exit(),
      () => undefined,
    );
    let isFull = false;
    const change = () => {
      const wasFull = isFull;
      isFull = document.fullscreenElement === screen;
      if (isFull || !wasFull) return;
      leftFullscreen.current = performance.now();
      end();
    };
    const look = () => setIsHidden(document.visibilityState === 'hidden');
    look();
    document.addEventListener('fullscreenchange', change, ends);
    document.addEventListener('visibilitychange', look, ends);
    return () => {
      ends.abort();
      if (document.fullscreenElement === screen) exit();
      setIsMoved(false);
      keepFocus(heading.current);
      // Hidden with the facts, and missing if only one media is left. Then the title keeps the focus.
      keepFocus(screen.querySelector('.ma-start-show'));
    };
  }, [isOn, inner, heading, end]);

  // A video plays without sound and controls.
  useEffect(() => {
    if (!isOn || !player) return;
    const { muted, controls } = player;
    Object.assign(player, { muted: true, controls: false });
    return () => void Object.assign(player, { muted, controls });
  }, [isOn, player]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: each media has its time
  useEffect(() => {
    if (!isRunning) return;
    const due = () => setIsDue(true);
    let timer: ReturnType<typeof setTimeout>;
    const wait = (ms: number) => {
      clearTimeout(timer);
      timer = setTimeout(due, ms);
    };
    wait(isDrawn && !player ? SHOWN_MS : PATIENCE_MS);
    const ends = new AbortController();
    // A video that the browser refuses to play is treated as a picture.
    const start = () => player?.play().catch(() => ends.signal.aborted || wait(SHOWN_MS));
    player?.addEventListener('timeupdate', () => wait(PATIENCE_MS), ends);
    player?.addEventListener('ended', due, ends);
    // The user or the browser has paused it. A video that leaves the document pauses too, which does not count.
    player?.addEventListener('pause', () => player.ended || !player.isConnected || pause(), ends);
    // The video's URL may still be loading.
    if (player?.src) void start();
    else player?.addEventListener('loadstart', start, { signal: ends.signal, once: true });
    return () => {
      ends.abort();
      player?.pause();
      clearTimeout(timer);
      setIsDue(false);
    };
  }, [isRunning, id, isDrawn, player, pause]);
  useEffect(() => {
    // The next media may still be loading.
    const turn = onNext ?? (hasMore ? undefined : (onFirst ?? end));
    if (!isDue || !turn) return;
    setIsDue(false);
    isOwn.current = turn !== end;
    turn();
  }, [isDue, onNext, onFirst, hasMore, end]);
  // After a turn by hand, the user wants to look at the media.
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is told of each media that is shown
  useEffect(() => {
    if (!isOwn.current) pause();
    isOwn.current = false;
  }, [id, pause]);

  useEffect(() => {
    if (!isRunning) return;
    // The browser refuses it if the battery is low.
    const asked = navigator.wakeLock?.request('screen').catch(() => undefined);
    return () => void asked?.then((lock) => lock?.release());
  }, [isRunning]);

  /** Escape ends the slideshow, and does not close the view. */
  const leave = (event: SyntheticEvent) => {
    if (!isOn && performance.now() - leftFullscreen.current > SAME_PRESS_MS) return;
    event.preventDefault();
    end();
  };
  const press = (event: KeyboardEvent) => {
    const { key } = event;
    if (key === 'Escape') leave(event);
    else if (key.toLowerCase() === 's') {
      if (isOn || canStart) toggle();
    } else if (isOn) {
      wake();
      if (!QUIET_KEYS.includes(key)) pause();
    }
  };
  const handlers = {
    onPointerMove: ({ pointerType, movementX, movementY }: PointerEvent) => {
      // A page that changes below a resting mouse may cause a move.
      if (isOn && pointerType !== 'touch' && (movementX !== 0 || movementY !== 0)) wake();
    },
    // A press on the picture pauses the show, the next one resumes it. A zoomed picture is dragged.
    onClick: ({ target, currentTarget }: SyntheticEvent) => {
      if (isOn && !isControl(target) && !currentTarget.querySelector('[data-zoomed]')) toggle();
    },
    // A double click zooms. One of its two presses has resumed the show.
    onDoubleClick: ({ target }: SyntheticEvent) => isOn && !isControl(target) && pause(),
    onWheel: pause,
    onCancel: leave,
  };
  const isAwake = isOn && (isMoved || !isPlaying);
  return { state, isPlaying, isAwake, canStart, play, toggle, end, press, handlers, toggler };
}
