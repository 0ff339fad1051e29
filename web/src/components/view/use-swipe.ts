/**
 * On a touch screen, a finger moves the picture of the full view: across to the media beside it, down to close the view. Only
 * transforms and opacities change, so nothing is laid out meanwhile. Lengths are in pixels, times in ms.
 */
import { type RefObject, useEffect, useLayoutEffect, useRef } from 'react';

type Side = 'previous' | 'next';

interface Sample {
  x: number;
  y: number;
  time: number;
}

/** Before this, a finger that rests is not told from one that moves. */
const SLOP = 6;
/** A picture that is let go would go on for so long as fast as it went: a short quick swipe reaches as far as a long slow one. */
const REACH_MS = 250;
/** The farthest that a turn needs, on a wide screen. */
const TURN = 240;
/** A finger that just trembles never turns. */
const TREMBLE = 20;
const CLOSE = 140;
/** What came before says nothing of how fast a finger is when it leaves. */
const RECENT_MS = 100;
/** Between two pictures; the style sheet has it too. */
const GAP = 16;
/** From the very edge of the screen, a browser goes back. */
const EDGE = 24;
/** At its lower edge a player has its controls: there, a finger that moves across sets the time. */
const CONTROLS = 96;

/** In pixels for each ms. @param samples The last one is from when the finger left. */
export function speedOf(samples: readonly Sample[]): { x: number; y: number } {
  const last = samples.at(-1);
  const first = last && samples.find(({ time }) => last.time - time <= RECENT_MS);
  const time = last && first ? last.time - first.time : 0;
  if (!last || !first || time <= 0) return { x: 0, y: 0 };
  return { x: (last.x - first.x) / time, y: (last.y - first.y) / time };
}

/** @param moved How far the finger has gone across. One that turns round does not turn to the other side. */
export function turnOf(moved: number, speed: number, width: number): Side | undefined {
  const end = moved + speed * REACH_MS;
  const isFar = end * moved > 0 && Math.abs(end) >= Math.min(width / 2, TURN);
  if (!isFar || Math.abs(moved) < TREMBLE) return undefined;
  return moved > 0 ? 'previous' : 'next';
}

interface Acts extends Record<Side, (() => void) | undefined> {
  close: () => void;
}

/** @param id Of the media that is shown. */
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
  // While the picture is pulled down, what is behind it fades, and the facts do so first.
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
  /** The style sheet says how long it takes. */
  const glide = (x: number, y: number, then: () => void) => {
    // It begins from where it is now.
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
    // The end of the last one may never have come.
    letGo();
    if (!touch || second || isClosing || !isOurs(touch, stage)) return;
    // A picture that still slides is at its place at once.
    rest();
    const start = sampleOf(event, touch);
    const ends = new AbortController();
    gesture = { start, samples: [start], ends };
    const options = { passive: false, signal: ends.signal };
    // What it touches may be replaced while it moves: it gets the events all the same, but what is around it does not.
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
    // Otherwise it would scroll, and take the finger away.
    event.preventDefault();
    const { direction, start } = gesture;
    const across = now.x - start.x;
    if (direction === 'down') return put(across, Math.max(0, now.y - start.y));
    // Where there is nothing to turn to, a picture follows less and less.
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
    // On a busy device, of a quick swipe there may be one move.
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
  // A browser looks for one like this before the finger is down. Otherwise it scrolls and does not ask.
  stage.addEventListener('touchmove', () => undefined, { passive: false, signal });
  return {
    /** Another media is shown: if by a swipe, it slides in. */
    turned: () => {
      drop();
      // It goes on closing.
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
  const player = target.closest('video')?.getBoundingClientRect();
  return !player || clientY < player.bottom - Math.min(CONTROLS, player.height / 2);
}
