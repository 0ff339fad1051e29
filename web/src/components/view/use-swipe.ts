/** On a touch screen, a finger moves the picture of the full view: across to the media beside it, down to close the view. */
import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { type Acts, type Follower, followFinger } from './follow-finger.ts';

interface Swiped {
  dialog: RefObject<HTMLElement | null>;
  facts: RefObject<HTMLElement | null>;
  /** Of the media that is shown. */
  id: string;
  acts: Omit<Acts, 'show'>;
}

/** @returns the refs of what follows the finger, and whether the media beside it are seen */
export function useSwipe({ dialog, facts, id, acts }: Swiped) {
  const stage = useRef<HTMLDivElement>(null);
  const track = useRef<HTMLDivElement>(null);
  const ground = useRef<HTMLDivElement>(null);
  const [isShown, show] = useState(false);
  const latest = useRef(acts);
  useLayoutEffect(() => {
    latest.current = acts;
  });
  const follower = useRef<Follower>(undefined);
  useEffect(() => {
    const parts = [dialog, stage, track, ground, facts].map(({ current }) => current);
    const [view, area, moved, behind, text] = parts;
    if (!view || !area || !moved || !behind || !text) return;
    const elements = { dialog: view, stage: area, track: moved, ground: behind, facts: text };
    follower.current = followFinger(elements, () => ({ ...latest.current, show }));
    return () => follower.current?.stop();
  }, [dialog, facts]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is told of each media that is shown
  useLayoutEffect(() => follower.current?.turned(), [id]);
  return { stage, track, ground, isShown };
}
