/** Switches, remembered in this browser. */
import { useState } from 'react';

/** @returns whether it is on, and a function that toggles it */
export function useSwitch(
  name: 'details' | 'boxes' | 'map' | 'look',
  initial: 'on' | 'off' = 'on',
): [boolean, () => void] {
  const key = `media-analysis-${name}`;
  const [isOn, setIsOn] = useState(
    () => (whereAllowed(() => localStorage.getItem(key)) ?? initial) === 'on',
  );
  const turn = () => {
    setIsOn(!isOn);
    whereAllowed(() => localStorage.setItem(key, isOn ? 'off' : 'on'));
  };
  return [isOn, turn];
}

/** The browser's settings may forbid storage, or it is full. Then a choice holds until the view is closed. */
function whereAllowed<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
