/** What was chosen in the full view, as it was left in this browser. */
import { useState } from 'react';

type Name = 'details' | 'boxes' | 'map' | 'slideshow';

const keyOf = (name: Name) => `media-analysis-${name}`;

/** @returns what was chosen, and what chooses something else */
export function useRemembered(name: Name, initial: string): [string, (value: string) => void] {
  const [value, setValue] = useState(() => {
    try {
      return localStorage.getItem(keyOf(name)) ?? initial;
    } catch {
      return initial;
    }
  });
  const choose = (next: string) => {
    setValue(next);
    try {
      localStorage.setItem(keyOf(name), next);
    } catch {
      // Forbidden by the browser's settings, or full. It holds until the view is closed.
    }
  };
  return [value, choose];
}

/** @returns whether it is on, and what changes that */
export function useSwitch(name: Name, initial: 'on' | 'off' = 'on'): [boolean, () => void] {
  const [value, choose] = useRemembered(name, initial);
  const isOn = value === 'on';
  return [isOn, () => choose(isOn ? 'off' : 'on')];
}
