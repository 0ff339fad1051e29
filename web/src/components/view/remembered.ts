/** Switches of the full view, as they were left in this browser. Until one is switched off it is on. */
import { useState } from 'react';

export type SwitchName = 'details' | 'boxes';

const keyOf = (name: SwitchName) => `media-analysis-${name}`;
// It throws where the browser's settings forbid it.
const browserStorage = () => globalThis.localStorage;

export function readSwitch(
  name: SwitchName,
  storage: () => Pick<Storage, 'getItem'> = browserStorage,
): boolean {
  try {
    return storage().getItem(keyOf(name)) !== 'off';
  } catch {
    return true;
  }
}

export function writeSwitch(
  name: SwitchName,
  isOn: boolean,
  storage: () => Pick<Storage, 'setItem'> = browserStorage,
): void {
  try {
    storage().setItem(keyOf(name), isOn ? 'on' : 'off');
  } catch {
    // Forbidden, or full. It holds until the view is closed.
  }
}

/** @returns whether it is on, and what changes that */
export function useSwitch(name: SwitchName): [boolean, () => void] {
  const [isOn, setIsOn] = useState(() => readSwitch(name));
  const turn = () => {
    setIsOn(!isOn);
    writeSwitch(name, !isOn);
  };
  return [isOn, turn];
}
