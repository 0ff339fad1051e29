/** Watches an open page: whether all its parts are there, and what other devices do. */
import { useEffect, useState } from 'react';
import type { LiveProps } from '../library/live.tsx';
import { LoadFailure } from './load-failure.tsx';
import { useFirstPicture, useMediaParts } from './use-media-parts.ts';

/** The pictures of the list are loaded before these parts. */
const LATER_MS = 1_500;

export function Afterwards(props: LiveProps) {
  const [isLater, setIsLater] = useState(false);
  const isPictured = useFirstPicture(true);
  const isWaiting = props.list.ids.length > 0 && !isPictured;
  useEffect(() => {
    if (isWaiting) return;
    const timer = setTimeout(() => setIsLater(true), LATER_MS);
    return () => clearTimeout(timer);
  }, [isWaiting]);
  const { parts } = useMediaParts(false, isLater);
  return (
    <>
      {isLater && <LoadFailure />}
      {parts && <parts.Live {...props} />}
    </>
  );
}
