/** Moves the picture of the full view with a finger. Only transforms and opacities change, so nothing is laid out meanwhile. */
import {
  directionOf,
  doesClose,
  resisted,
  restOf,
  type Sample,
  type Side,
  speedOf,
  turnOf,
} from './swipe.ts';

/** Between two pictures; the style sheet has it too. */
const GAP = 16;
/** From the very edge of the screen, a browser goes back. */
const EDGE = 24;
/** At its lower edge a player has its controls: there, a finger that moves across sets the time. */
const CONTROLS = 96;
const EASING = 'cubic-bezier(0.2, 0.7, 0.3, 1)';

interface Parts {
  dialog: HTMLElement;
  stage: HTMLElement;
  /** What follows the finger: the picture, and the one beside it. */
  track: HTMLElement;
  /** While the picture is pulled down, the one behind it fades, and the other ones do so first. */
  ground: HTMLElement;
  facts: HTMLElement;
}

export interface Acts extends Record<Side, (() => void) | undefined> {
  /** Told when the media beside it come to be seen, and when they are no longer. */
  show: (isShown: boolean) => void;
  close: () => void;
}

interface Gesture {
  direction?: 'across' | 'down';
  /** Where the finger was when its direction was known, and where the picture was. */
  start: Sample;
  from: number;
  samples: Sample[];
  /** Takes its listeners away. */
  ends: AbortController;
}

export interface Follower {
  /** Another media is shown: if by a swipe, it slides in. */
  turned: () => void;
  stop: () => void;
}

/** @param acts Those of the media that is shown. */
export function followFinger(
  { dialog, stage, track, ground, facts }: Parts,
  acts: () => Acts,
): Follower {
  let gesture: Gesture | undefined;
  let turning: Side | undefined;
  /** Where the picture was put last. */
  let at = { x: 0, y: 0 };
  let speed = 0;
  let isClosing = false;
  let running: Animation[] = [];

  const put = (x: number, y = 0) => {
    at = { x, y };
    const down = Math.min(0.5, y / innerHeight);
    track.style.transform = `translate3d(${x}px, ${y}px, 0) scale(${1 - down / 2})`;
    ground.style.opacity = `${1 - 2 * down}`;
    facts.style.opacity = `${Math.max(0, 1 - 10 * down)}`;
  };
  const halt = () => {
    for (const each of running) each.cancel();
    running = [];
  };
  const animate = (duration: number, isLeaving: boolean, then: () => void) => {
    halt();
    const { transform } = track.style;
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) return then();
    const options: KeyframeAnimationOptions = {
      duration,
      easing: EASING,
      fill: isLeaving ? 'forwards' : 'none',
    };
    const end = isLeaving
      ? { transform: `${transform} translateY(30vh)`, opacity: 0 }
      : { transform: 'none', opacity: 1 };
    const moving = track.animate([{ transform, opacity: 1 }, end], options);
    moving.onfinish = then;
    running = [moving];
    for (const each of [ground, facts])
      running.push(
        each.animate([{ opacity: each.style.opacity }, { opacity: end.opacity }], options),
      );
  };
  const rest = () => {
    halt();
    for (const { style } of [track, ground, facts]) style.transform = style.opacity = '';
    delete dialog.dataset.moved;
    turning = undefined;
    acts().show(false);
  };
  const settle = () => {
    animate(restOf(Math.hypot(at.x, at.y), speed), false, rest);
    track.style.transform = '';
    for (const { style } of [ground, facts]) style.opacity = '';
  };
  const drop = () => {
    gesture?.ends.abort();
    gesture = undefined;
  };
  const letGo = () => {
    const isMoved = gesture?.direction !== undefined;
    drop();
    if (isMoved) settle();
  };
  const close = () => {
    isClosing = true;
    drop();
    animate(180, true, () => acts().close());
  };
  /** A picture that slides is caught where it is. */
  const caught = () => {
    if (dialog.dataset.moved !== 'across') return undefined;
    const { m41: x } = new DOMMatrix(getComputedStyle(track).transform);
    halt();
    put(x);
    return x;
  };

  const begin = (event: TouchEvent) => {
    const [touch, second] = event.touches;
    // The end of the last one may never have come.
    letGo();
    if (!touch || second || isClosing || !isOurs(touch, stage)) return;
    const start = sampleOf(event, touch);
    const from = caught();
    const ends = new AbortController();
    gesture = { start, from: from ?? 0, samples: [start], ends };
    if (from !== undefined) gesture.direction = 'across';
    // What it touches may be replaced while it moves: it gets the events all the same, but what is around it does not.
    for (const type of ['touchmove', 'touchend', 'touchcancel'])
      touch.target.addEventListener(type, follow, { passive: false, signal: ends.signal });
  };
  const move = (event: TouchEvent) => {
    const [touch, second] = event.touches;
    if (!gesture || !touch) return;
    if (second) return letGo();
    const now = sampleOf(event, touch);
    gesture.samples.push(now);
    const way = { x: now.x - gesture.start.x, y: now.y - gesture.start.y };
    if (!gesture.direction) {
      const direction = directionOf(way);
      if (!direction) return;
      // The browser scrolls.
      if (
        direction === 'up' ||
        (direction === 'down' && dialog.scrollTop > 0) ||
        !event.cancelable
      ) {
        drop();
        return;
      }
      halt();
      gesture.direction = direction;
      gesture.start = now;
      dialog.dataset.moved = direction;
    }
    // Otherwise it would scroll, and take the finger away.
    event.preventDefault();
    const x = gesture.from + now.x - gesture.start.x;
    const y = now.y - gesture.start.y;
    if (gesture.direction === 'down') return put(x, Math.max(0, y));
    const side = x > 0 ? 'previous' : 'next';
    acts().show(true);
    put(acts()[side] ? x : resisted(x, stage.offsetWidth));
  };
  const end = (event: TouchEvent) => {
    const touch = event.changedTouches[0];
    if (!gesture || !touch) return;
    const last = sampleOf(event, touch);
    const { direction, samples } = gesture;
    // On a busy device, of a quick swipe there may be one move.
    const [start = last] = samples;
    const fast = speedOf([...samples, last]);
    speed = direction === 'down' ? fast.y : fast.x;
    if (direction === 'down' && doesClose(at.y, speed)) return close();
    const side =
      direction === 'across' ? turnOf(at.x, last.x - start.x, speed, stage.offsetWidth) : undefined;
    const turn = side && acts()[side];
    turning = turn ? side : undefined;
    turn?.();
    letGo();
  };

  const follow = {
    handleEvent(event: TouchEvent) {
      if (event.type === 'touchmove') move(event);
      else if (event.type === 'touchend') end(event);
      else letGo();
    },
  };

  const stops = new AbortController();
  const { signal } = stops;
  stage.addEventListener('touchstart', begin, { passive: true, signal });
  // A browser looks for one like this before the finger is down. Otherwise it scrolls and does not ask.
  stage.addEventListener('touchmove', () => undefined, { passive: false, signal });
  return {
    turned: () => {
      drop();
      // It goes on closing.
      if (isClosing) return;
      const side = turning;
      turning = undefined;
      if (dialog.dataset.moved === undefined) return;
      if (!side) return rest();
      const across = stage.offsetWidth + GAP;
      put(at.x + (side === 'next' ? across : -across));
      settle();
    },
    stop: () => {
      stops.abort();
      drop();
      halt();
    },
  };
}

const sampleOf = ({ timeStamp: time }: Event, { clientX: x, clientY: y }: Touch): Sample => ({
  time,
  x,
  y,
});

/** Whether what begins here is no business of the browser, of a player, of a button or of a picture that is zoomed in. */
function isOurs({ clientX, clientY, target }: Touch, stage: HTMLElement): boolean {
  if (!(target instanceof Element) || target.closest('button:not(.ma-play), a, input'))
    return false;
  if (stage.querySelector('[data-zoomed]')) return false;
  if (clientX < EDGE || clientX > innerWidth - EDGE) return false;
  // A player fills the screen. In a slideshow, all of the full view does.
  if (document.fullscreenElement && !document.fullscreenElement.contains(stage)) return false;
  // The browser has zoomed in, and a finger moves what is seen.
  if (visualViewport && visualViewport.scale > 1.01) return false;
  return !isAtControls(target, clientY);
}

/** Whether a finger is where a player has its controls. */
export function isAtControls(target: EventTarget, clientY: number): boolean {
  const video = target instanceof Element ? target.closest('video') : undefined;
  const player = video?.getBoundingClientRect();
  return player !== undefined && clientY >= player.bottom - Math.min(CONTROLS, player.height / 2);
}
