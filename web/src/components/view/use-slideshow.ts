/** The slideshow of the full view: one media after the other, alone on the screen. */
import {
  type KeyboardEvent,
  type PointerEvent,
  type RefObject,
  type SyntheticEvent,
  useCallback,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import { keepFocus } from '../base/keep-focus.ts';
import { isAtControls } from './follow-finger.ts';
import { createPace, type News, type Pace, readPace, writePace } from './slideshow.ts';
import { isTap } from './tap.ts';

/** So long the buttons stay after the mouse has moved. */
const AWAKE_MS = 3_000;
/** What one presses or opens during a slideshow. */
const CONTROLS = 'button, select';
const isControl = (target: EventTarget) => target instanceof Element && target.closest(CONTROLS);
// It throws where the browser's settings forbid it.
const browserStorage = () => globalThis.localStorage;
/** By the press of Escape with which the browser has left full screen, a browser may close the dialog too. */
const SAME_PRESS_MS = 500;

interface Shown {
  /** What fills the screen. A dialog itself cannot: https://fullscreen.spec.whatwg.org/#dom-element-requestfullscreen */
  inner: RefObject<HTMLElement | null>;
  heading: RefObject<HTMLElement | null>;
  /** Of the media that is shown. */
  id: string;
  /** What is known of it, if it is no video that plays. */
  news: News;
  player: HTMLVideoElement | null;
  onNext: (() => void) | undefined;
  /** After the last one it begins again. */
  onFirst: (() => void) | undefined;
  /** Whether another one may follow the last one. */
  hasMore: boolean;
  /** Whether it was deleted: nobody turns by hand then. */
  isGone: boolean;
}

export function useSlideshow({
  inner,
  heading,
  id,
  news,
  player,
  onNext,
  onFirst,
  hasMore,
  isGone,
}: Shown) {
  const [state, setState] = useState<'playing' | 'paused'>();
  /** Whether its buttons are seen. */
  const [awake, setAwake] = useState(0);
  const [isHidden, setIsHidden] = useState(false);
  const [isDue, setIsDue] = useState(false);
  /** Whether the slideshow itself has turned. */
  const isOwn = useRef(false);
  /** When full screen was left. */
  const left = useRef(-Infinity);
  /** It is left in a later frame. One may have begun again by then. */
  const leaving = useRef<Promise<void>>(undefined);
  const isWanted = useRef(false);
  const place = useRef<{ x: number; y: number }>(undefined);
  const wasAsleep = useRef(false);
  /** Where a finger came down that goes on with what is paused, if it is a tap. */
  const resuming = useRef<PointerEvent>(undefined);
  const opener = useRef<HTMLButtonElement>(null);
  const toggle = useRef<HTMLButtonElement>(null);
  const pace = useRef<Pace>(undefined);
  const [shownMs, setShownMs] = useState(() => readPace(browserStorage));
  const shown = useRef(shownMs);
  const isOn = state !== undefined;
  const isRunning = state === 'playing' && !isHidden;
  const isAwake = isOn && (state === 'paused' || awake > 0);

  const pause = useCallback(() => setState((now) => now && 'paused'), []);
  const end = useCallback(() => {
    isWanted.current = false;
    setState(undefined);
  }, []);
  const leave = useCallback(() => {
    const exit = document.exitFullscreen().catch(() => undefined);
    leaving.current = exit.then(() => {
      leaving.current = undefined;
    });
  }, []);
  const resume = () => setState('playing');
  const start = () => {
    pace.current = createPace({
      after: (ms, act) => {
        const timer = setTimeout(act, ms);
        return () => clearTimeout(timer);
      },
      shown: () => shown.current,
      turn: () => setIsDue(true),
      pause,
    });
    setAwake(0);
    resume();
    isWanted.current = true;
    // Not every browser has it, and an app may not allow it.
    const fill = () => {
      if (!isWanted.current) return;
      inner.current?.requestFullscreen?.().then(
        // It has ended before the screen was filled.
        () => isWanted.current || leave(),
        () => undefined,
      );
    };
    if (leaving.current === undefined) fill();
    else void leaving.current.then(fill);
  };

  const choosePace = (ms: number) => {
    setShownMs(ms);
    shown.current = ms;
    writePace(ms, browserStorage);
  };

  useEffect(() => {
    if (!isOn) return;
    const screen = inner.current;
    // The button that was pressed is not seen any more.
    keepFocus(toggle.current);
    let isFull = false;
    const change = () => {
      const wasFull = isFull;
      isFull = document.fullscreenElement === screen && leaving.current === undefined;
      if (isFull || !wasFull) return;
      left.current = performance.now();
      end();
    };
    const look = () => setIsHidden(document.visibilityState === 'hidden');
    look();
    document.addEventListener('fullscreenchange', change);
    document.addEventListener('visibilitychange', look);
    return () => {
      document.removeEventListener('fullscreenchange', change);
      document.removeEventListener('visibilitychange', look);
      if (screen && document.fullscreenElement === screen) leave();
    };
  }, [isOn, inner, end, leave]);
  const wasOn = useRef(false);
  useLayoutEffect(() => {
    if (wasOn.current && !isOn) {
      keepFocus(heading.current);
      // It is not seen if the facts are put away, and not there if what is shown is alone now.
      keepFocus(opener.current);
    }
    wasOn.current = isOn;
  }, [isOn, heading]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: each media is news
  useEffect(() => {
    if (!isRunning) return;
    const tell = (each: News) => pace.current?.tell(each);
    const leave = player ? playThrough(player, tell, pause) : undefined;
    if (!player) tell(news);
    return () => {
      leave?.();
      pace.current?.stop();
      setIsDue(false);
    };
  }, [isRunning, id, news, player, pause]);
  useEffect(() => {
    if (!isDue) return;
    // What comes next may still be loaded.
    const turn = onNext ?? (hasMore ? undefined : onFirst);
    if (!turn) return hasMore ? undefined : end();
    setIsDue(false);
    isOwn.current = true;
    turn();
  }, [isDue, onNext, onFirst, hasMore, end]);
  // Who turns by hand wants to look at it.
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is told of each media that is shown
  useEffect(() => {
    if (!isOwn.current) pause();
    isOwn.current = false;
  }, [id, pause]);
  useEffect(() => {
    if (isGone) isOwn.current = true;
  }, [isGone]);

  useEffect(() => {
    if (awake === 0) return;
    const timer = setTimeout(() => setAwake(0), AWAKE_MS);
    return () => clearTimeout(timer);
  }, [awake]);
  useEffect(() => {
    if (!isRunning) return;
    // It is refused where the battery is low.
    const asked = navigator.wakeLock?.request('screen').catch(() => undefined);
    return () => void asked?.then((lock) => lock?.release());
  }, [isRunning]);

  const canStart = onNext !== undefined || onFirst !== undefined || hasMore;
  /** @returns whether the key was meant for the slideshow alone */
  const press = (event: KeyboardEvent): boolean => {
    const { key, target } = event;
    if (key === 'Escape') {
      if (!isOn && performance.now() - left.current > SAME_PRESS_MS) return false;
      event.preventDefault();
      end();
      return true;
    }
    if (key.toLowerCase() === 's') {
      if (!isOn && !canStart) return false;
      if (state === 'playing') pause();
      else if (isOn) resume();
      else start();
      return true;
    }
    if (!isOn) return false;
    setAwake((count) => count + 1);
    // The button that has the focus is pressed.
    const isPress = key === 'Enter' || key === ' ';
    if (isPress && target instanceof Element && target.closest('button')) return true;
    if (!['Shift', 'Control', 'Alt', 'Meta'].includes(key)) pause();
    return false;
  };
  const handlers = {
    onPointerMove: ({ pointerType, clientX: x, clientY: y }: PointerEvent) => {
      if (!isOn || pointerType === 'touch') return;
      // A change below a mouse that rests may be told as a move.
      const isMoved = place.current && (place.current.x !== x || place.current.y !== y);
      place.current = { x, y };
      if (isMoved) setAwake((count) => count + 1);
    },
    onPointerDownCapture: (event: PointerEvent) => {
      const { target, pointerType, isPrimary, clientY } = event;
      wasAsleep.current = isOn && !isAwake;
      const isPicture = isOn && !isControl(target);
      const isTouch = pointerType === 'touch' && isPrimary && !isAtControls(target, clientY);
      resuming.current = isPicture && isTouch && state === 'paused' ? event : undefined;
      if (isPicture) pause();
    },
    // The press that brings the buttons presses none of them.
    onClickCapture: (event: SyntheticEvent) => {
      if (wasAsleep.current) event.stopPropagation();
      wasAsleep.current = false;
    },
    onPointerUp: (event: PointerEvent) => {
      if (isTap(resuming.current, event)) resume();
      resuming.current = undefined;
    },
    // It zooms. Of its two taps, one has gone on.
    onDoubleClick: ({ target }: SyntheticEvent) => isOn && !isControl(target) && pause(),
    onWheel: () => isOn && pause(),
    onCancel: (event: SyntheticEvent) => {
      if (!isOn && performance.now() - left.current > SAME_PRESS_MS) return;
      event.preventDefault();
      end();
    },
  };
  return {
    state,
    isAwake,
    canStart,
    start,
    pause,
    resume,
    end,
    shownMs,
    choosePace,
    press,
    handlers,
    opener,
    toggle,
  };
}

/** Without its sound and its controls. If the browser does not let it play, it is a picture. @returns what ends it */
function playThrough(
  player: HTMLVideoElement,
  tell: (news: News) => void,
  pause: () => void,
): () => void {
  const ends = new AbortController();
  const { signal } = ends;
  const { muted, controls } = player;
  Object.assign(player, { muted: true, controls: false });
  const play = () =>
    player.play().catch(() => {
      if (!signal.aborted) tell('drawn');
    });
  tell('coming');
  player.addEventListener('timeupdate', () => tell('played'), { signal });
  player.addEventListener('ended', () => tell('ended'), { signal });
  // By a key of the keyboard, or by the browser itself. One that is taken out of the document is no person's doing.
  const stopped = () => player.ended || !player.isConnected || pause();
  player.addEventListener('pause', stopped, { signal });
  // Its address may still be asked for.
  if (player.src) void play();
  else player.addEventListener('loadstart', play, { signal, once: true });
  return () => {
    ends.abort();
    player.pause();
    Object.assign(player, { muted, controls });
  };
}
