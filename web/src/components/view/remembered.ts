/** What was chosen in the full view, as it was left in this browser. */
import { useState } from 'react';

type Name = 'details' | 'boxes' | 'map' | 'slideshow';

/** @returns what was chosen, and what chooses something else */
export function useRemembered(name: Name, initial: string): [string, (value: string) => void] {
  const key = `media-analysis-${name}`;
  const [value, setValue] = useState(
    () => whereAllowed(() => localStorage.getItem(key)) ?? initial,
  );
  const choose = (next: string) => {
    setValue(next);
    whereAllowed(() => localStorage.setItem(key, next));
  };
  return [value, choose];
}

/** The browser's settings may forbid it, or it is full. What is chosen holds until the view is closed. */
function whereAllowed<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

/** @returns whether it is on, and what changes that */
export function useSwitch(name: Name, initial: 'on' | 'off' = 'on'): [boolean, () => void] {
  const [value, choose] = useRemembered(name, initial);
  const isOn = value === 'on';
  return [isOn, () => choose(isOn ? 'off' : 'on')];
}
