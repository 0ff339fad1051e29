/** Where a photo was taken, and a link to a map, if the person allowed it in this browser. */
import { useState } from 'react';
import { useViewWords } from '../words/view.ts';

const KEY = 'media-analysis-map';

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
  );
}

function readAllowed(): boolean {
  try {
    return localStorage.getItem(KEY) === 'on';
  } catch {
    return false;
  }
}
