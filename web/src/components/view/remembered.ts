/** Choices in the full view, remembered in this browser. */
import { useState } from 'react';

type Name = 'details' | 'boxes' | 'map' | 'slideshow';

/** @returns the value, and a function that changes it */
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

/** The browser's settings may forbid storage, or it is full. Then a choice holds until the view is closed. */
function whereAllowed<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

/** @returns whether it is on, and a function that toggles it */
export function useSwitch(name: Name, initial: 'on' | 'off' = 'on'): [boolean, () => void] {
  const [value, choose] = useRemembered(name, initial);
  const isOn = value === 'on';
  return [isOn, () => choose(isOn ? 'off' : 'on')];
}
