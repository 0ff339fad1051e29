/** The slideshow of the full view: one media after the other, alone on the screen. Times are in ms. */
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
import { useRemembered } from './remembered.ts';

/** Among these one chooses how long a picture is shown, from when it is drawn. */
export const PACES_MS = [3_000, 5_000, 10_000, 30_000];
const SHOWN_MS = 5_000;
/** What has not come by then is passed over, and so is a video that has stood still for so long. */
const PATIENCE_MS = 15_000;
/** So long the buttons stay after the mouse has moved. */
const AWAKE_MS = 3_000;
/** By the press of Escape with which the browser has left full screen, a browser may close the dialog too. */
const SAME_PRESS_MS = 500;
/** They press what has the focus, or nothing. */
const QUIET_KEYS = ['Enter', ' ', 'Shift', 'Control', 'Alt', 'Meta'];
const isControl = (target: EventTarget) =>
  target instanceof Element && target.closest('button, select') !== null;

interface Turns {
  media: { id: string };
  onNext?: (() => void) | undefined;
  onFirst?: (() => void) | undefined;
  hasMore?: boolean | undefined;
}

interface Shown {
  /** What fills the screen. A dialog itself cannot: https://fullscreen.spec.whatwg.org/#dom-element-requestfullscreen */
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
  const [pace, choosePace] = useRemembered('slideshow', `${SHOWN_MS}`);
  const shownMs = PACES_MS.find((ms) => `${ms}` === pace) ?? SHOWN_MS;
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
    // The button that was pressed is not seen any more.
    keepFocus(toggler.current);
    const exit = () => void document.exitFullscreen().catch(() => undefined);
    // Not every browser has it, and an app may not allow it. It may have ended before the screen is filled.
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
      // It is not seen if the facts are put away, and not there if what is shown is alone now.
      keepFocus(screen.querySelector('.ma-start-show'));
    };
  }, [isOn, inner, heading, end]);

  // Without its sound and its controls.
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
    wait(isDrawn && !player ? shownMs : PATIENCE_MS);
    const ends = new AbortController();
    // If the browser does not let a video play, it is a picture.
    const start = () => player?.play().catch(() => ends.signal.aborted || wait(shownMs));
    player?.addEventListener('timeupdate', () => wait(PATIENCE_MS), ends);
    player?.addEventListener('ended', due, ends);
    // By a key of the keyboard, or by the browser itself. One that is taken out of the document is no person's doing.
    player?.addEventListener('pause', () => player.ended || !player.isConnected || pause(), ends);
    // Its address may still be asked for.
    if (player?.src) void start();
    else player?.addEventListener('loadstart', start, { signal: ends.signal, once: true });
    return () => {
      ends.abort();
      player?.pause();
      clearTimeout(timer);
      setIsDue(false);
    };
  }, [isRunning, id, isDrawn, shownMs, player, pause]);
  useEffect(() => {
    // What comes next may still be loaded.
    const turn = onNext ?? (hasMore ? undefined : (onFirst ?? end));
    if (!isDue || !turn) return;
    setIsDue(false);
    isOwn.current = turn !== end;
    turn();
  }, [isDue, onNext, onFirst, hasMore, end]);
  // Who turns by hand wants to look at it.
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is told of each media that is shown
  useEffect(() => {
    if (!isOwn.current) pause();
    isOwn.current = false;
  }, [id, pause]);

  useEffect(() => {
    if (!isRunning) return;
    // It is refused where the battery is low.
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
      // A change below a mouse that rests may be told as a move.
      if (isOn && pointerType !== 'touch' && (movementX !== 0 || movementY !== 0)) wake();
    },
    // A press on the picture pauses it, and the next one goes on. One that is zoomed in is moved.
    onClick: ({ target, currentTarget }: SyntheticEvent) => {
      if (isOn && !isControl(target) && !currentTarget.querySelector('[data-zoomed]')) toggle();
    },
    // It zooms. Of its two presses, one has gone on.
    onDoubleClick: ({ target }: SyntheticEvent) => isOn && !isControl(target) && pause(),
    onWheel: pause,
    onCancel: leave,
  };
  const isAwake = isOn && (isMoved || !isPlaying);
  return {
    ...{ state, isPlaying, isAwake, canStart, play, toggle, end, press, handlers, toggler },
    ...{ shownMs, choosePace },
  };
}
