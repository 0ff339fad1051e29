/**
 * Where a photo was taken: on a small map that is made of the page's own files, and as a link to another one, only where the person
 * allowed it, in this browser. Nothing is loaded from elsewhere before.
 */
import { lazy, Suspense, useState } from 'react';
import { retryImport } from '../../hooks/retry-import.ts';
import { useViewWords } from '../words/view.ts';

const KEY = 'media-analysis-map';

const PlaceMap = lazy(async () => ({
  default: await retryImport(async () => (await import('./place-map.tsx')).PlaceMap),
}));

interface PlaceLinkProps {
  latitude: number;
  longitude: number;
}

export function PlaceLink({ latitude, longitude }: PlaceLinkProps) {
  const { map } = useViewWords();
  const [isAllowed, setIsAllowed] = useState(readAllowed);
  const change = (isOn: boolean) => {
    setIsAllowed(isOn);
    try {
      if (isOn) localStorage.setItem(KEY, 'on');
      else localStorage.removeItem(KEY);
    } catch {
      // Forbidden by the browser's settings: it holds until the view is closed.
    }
  };
  const [north, east] = [latitude.toFixed(5), longitude.toFixed(5)];
  const address = `https://www.openstreetmap.org/?mlat=${north}&mlon=${east}#map=15/${north}/${east}`;
  return (
    <>
      <Suspense fallback={<div className="ma-place-map" />}>
        <PlaceMap {...{ latitude, longitude }} words={map} />
      </Suspense>
      <div className="ma-place">
        <span>{`${north}, ${east}`}</span>
        {isAllowed && (
          <>
            <a href={address} target="_blank" rel="noopener noreferrer">
              {map.open}
            </a>
            <span className="ma-muted">{map.note}</span>
          </>
        )}
        <button type="button" className="ma-button" onClick={() => change(!isAllowed)}>
          {isAllowed ? map.forbid : map.allow}
        </button>
      </div>
    </>
  );
}

function readAllowed(): boolean {
  try {
    return localStorage.getItem(KEY) === 'on';
  } catch {
    return false;
  }
}
