/**
 * On a touch screen, a finger moves the picture of the full view: sideways to the media beside it, down to close the
 * view. Only transforms and opacities change, so the browser lays nothing out meanwhile. Lengths are in pixels, times
 * in ms.
 */
import { type RefObject, useEffect, useLayoutEffect, useRef } from 'react';

type Side = 'previous' | 'next';

interface Sample {
  x: number;
  y: number;
  time: number;
}

/** Below this distance, a resting finger cannot be told from a moving one. */
const SLOP = 6;
/** A released picture would go on for this long, so a short quick swipe reaches as far as a long slow one. */
const REACH_MS = 250;
/** The longest distance that a turn needs, on a wide screen. */
const TURN = 240;
/** A smaller move is a tremble, and never turns. */
const TREMBLE = 20;
const CLOSE = 140;
/** Only the samples of this time tell how fast a finger is when it leaves. */
const RECENT_MS = 100;
/** The space between two pictures; the style sheet has the same value. */
const GAP = 16;
/** From the very edge of the screen, a swipe goes back in the browser. */
const EDGE = 24;
/** A player has its controls at its lower edge: there, a finger that moves sideways sets the time. */
const CONTROLS = 96;

/** In pixels per ms. @param samples The last one is from when the finger left. */
export function speedOf(samples: readonly Sample[]): { x: number; y: number } {
  const last = samples.at(-1);
  const first = last && samples.find(({ time }) => last.time - time <= RECENT_MS);
  const time = last && first ? last.time - first.time : 0;
  if (!last || !first || time <= 0) return { x: 0, y: 0 };
  return { x: (last.x - first.x) / time, y: (last.y - first.y) / time };
}

/** @param moved How far the finger has gone sideways. If it turns round, no turn follows. */
export function turnOf(moved: number, speed: number, width: number): Side | undefined {
  const end = moved + speed * REACH_MS;
  const isFar = end * moved > 0 && Math.abs(end) >= Math.min(width / 2, TURN);
  if (!isFar || Math.abs(moved) < TREMBLE) return undefined;
  return moved > 0 ? 'previous' : 'next';
}

interface Acts extends Record<Side, (() => void) | undefined> {
  close: () => void;
}

/** @param id Id of the media that is shown. */
export function useSwipe(dialog: RefObject<HTMLElement | null>, id: string, acts: Acts): void {
  const latest = useRef(acts);
  useLayoutEffect(() => {
    latest.current = acts;
  });
  const follower = useRef<ReturnType<typeof followFinger>>(undefined);
  useEffect(() => {
    if (!dialog.current) return;
    follower.current = followFinger(dialog.current, () => latest.current);
    return () => follower.current?.stop();
  }, [dialog]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is told of each media that is shown
  useLayoutEffect(() => follower.current?.turned(), [id]);
}

interface Gesture {
  direction?: 'across' | 'down';
  /** Where the finger was when its direction was known. */
  start: Sample;
  samples: Sample[];
  ends: AbortController;
}

function followFinger(dialog: HTMLElement, acts: () => Acts) {
  const part = (name: string) => dialog.querySelector<HTMLElement>(`.ma-${name}`);
  const [stage, track] = [part('details-picture'), part('track')];
  // While the user pulls the picture down, the ground behind it fades, and the facts fade first.
  const [ground, facts] = [part('details-ground'), part('details-facts')];
  if (!stage || !track || !ground || !facts) return undefined;
  let gesture: Gesture | undefined;
  let turning: Side | undefined;
  /** Where the finger has put the picture. */
  let at = { x: 0, y: 0 };
  let isClosing = false;
  let gliding: Promise<unknown> | undefined;

  const draw = (x: number, y: number) => {
    const down = Math.min(0.5, y / innerHeight);
    track.style.transform = `translate3d(${x}px, ${y}px, 0) scale(${1 - down / 2})`;
    ground.style.opacity = `${1 - 2 * down}`;
    facts.style.opacity = `${Math.max(0, 1 - 10 * down)}`;
  };
  const put = (x: number, y = 0) => {
    at = { x, y };
    draw(x, y);
  };
  /** The style sheet sets the duration. */
  const glide = (x: number, y: number, then: () => void) => {
    // Reading the layout fixes where the movement begins.
    track.getBoundingClientRect();
    dialog.dataset.gliding = isClosing ? 'away' : 'back';
    draw(x, y);
    const own = Promise.allSettled(track.getAnimations().map(({ finished }) => finished));
    gliding = own;
    void own.then(() => gliding === own && then());
  };
  const rest = () => {
    gliding = undefined;
    for (const { style } of [track, ground, facts]) style.transform = style.opacity = '';
    for (const name of ['moved', 'gliding']) delete dialog.dataset[name];
    turning = undefined;
  };
  const drop = () => {
    gesture?.ends.abort();
    gesture = undefined;
  };
  const letGo = () => {
    const isMoved = gesture?.direction !== undefined;
    drop();
    if (isMoved) glide(0, 0, rest);
  };

  const begin = (event: TouchEvent) => {
    const [touch, second] = event.touches;
    // The end of the last gesture may never have arrived.
    letGo();
    if (!touch || second || isClosing || !isOurs(touch, stage)) return;
    // A picture that still slides jumps to its position.
    rest();
    const start = sampleOf(event, touch);
    const ends = new AbortController();
    gesture = { start, samples: [start], ends };
    const options = { passive: false, signal: ends.signal };
    // The touched element may be replaced meanwhile: it still gets the events, but the elements around it do not.
    touch.target.addEventListener('touchmove', { handleEvent: move }, options);
    touch.target.addEventListener('touchend', { handleEvent: end }, options);
    touch.target.addEventListener('touchcancel', letGo, options);
  };
  const move = (event: TouchEvent) => {
    const [touch, second] = event.touches;
    if (!gesture || !touch) return;
    if (second) return letGo();
    const now = sampleOf(event, touch);
    gesture.samples.push(now);
    const [x, y] = [now.x - gesture.start.x, now.y - gesture.start.y];
    if (!gesture.direction) {
      if (Math.hypot(x, y) < SLOP) return;
      const direction = Math.abs(x) > Math.abs(y) ? 'across' : 'down';
      const isScrolled = direction === 'down' && (y < 0 || dialog.scrollTop > 0);
      if (isScrolled || !event.cancelable) return drop();
      Object.assign(gesture, { direction, start: now });
      dialog.dataset.moved = direction;
    }
    // Otherwise the browser would scroll, and cancel the touch.
    event.preventDefault();
    const { direction, start } = gesture;
    const across = now.x - start.x;
    if (direction === 'down') return put(across, Math.max(0, now.y - start.y));
    // With nothing to turn to, the picture follows the finger less and less.
    const isFree = acts()[across > 0 ? 'previous' : 'next'];
    put(isFree ? across : across / (1 + (2 * Math.abs(across)) / stage.offsetWidth));
  };
  const end = (event: TouchEvent) => {
    const [touch] = event.changedTouches;
    if (!gesture || !touch) return;
    const last = sampleOf(event, touch);
    const { direction, samples } = gesture;
    const speed = speedOf([...samples, last]);
    if (direction === 'down' && at.y + speed.y * REACH_MS > CLOSE) {
      isClosing = true;
      drop();
      return glide(at.x, at.y + 0.3 * innerHeight, () => acts().close());
    }
    // On a busy device, a quick swipe may report a single move.
    const moved = last.x - (samples[0] ?? last).x;
    const side = direction === 'across' ? turnOf(moved, speed.x, stage.offsetWidth) : undefined;
    const turn = side && acts()[side];
    turning = turn && side;
    turn?.();
    letGo();
  };

  const stops = new AbortController();
  const { signal } = stops;
  stage.addEventListener('touchstart', begin, { passive: true, signal });
  // A browser looks for such a listener before the finger is down. Without one it scrolls and does not ask.
  stage.addEventListener('touchmove', () => undefined, { passive: false, signal });
  return {
    /** Another media is shown. After a swipe, it slides in. */
    turned: () => {
      drop();
      // A closing view goes on closing.
      if (isClosing || dialog.dataset.moved === undefined) return;
      if (!turning) return rest();
      delete dialog.dataset.gliding;
      put(at.x + (stage.offsetWidth + GAP) * (turning === 'next' ? 1 : -1));
      turning = undefined;
      glide(0, 0, rest);
    },
    stop: () => {
      stops.abort();
      drop();
      gliding = undefined;
    },
  };
}

function sampleOf({ timeStamp: time }: Event, { clientX: x, clientY: y }: Touch): Sample {
  return { time, x, y };
}

/** Whether the touch is ours: not meant for the browser, a player, a button or a zoomed picture. */
function isOurs({ clientX, clientY, target }: Touch, stage: HTMLElement): boolean {
  if (!(target instanceof Element) || target.closest('button:not(.ma-play), a, input'))
    return false;
  if (stage.querySelector('[data-zoomed]')) return false;
  if (clientX < EDGE || clientX > innerWidth - EDGE) return false;
  // A player alone may fill the screen. In a slideshow, the whole full view does.
  if (document.fullscreenElement && !document.fullscreenElement.contains(stage)) return false;
  // The user has zoomed the page, and a finger moves the page.
  if (visualViewport && visualViewport.scale > 1.01) return false;
  const player = target.closest('video')?.getBoundingClientRect();
  return !player || clientY < player.bottom - Math.min(CONTROLS, player.height / 2);
}
