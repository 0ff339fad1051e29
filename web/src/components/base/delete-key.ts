let isPressed = false;

/** Held down, it deletes one thing. The keyboards of Macs have its sign on Backspace. */
export function isDeleteKey({ key, repeat }: Pick<KeyboardEvent, 'key' | 'repeat'>): boolean {
  const isMacs = key === 'Backspace' && /^(Mac|iP)/.test(navigator.platform);
  const isIt = !repeat && (key === 'Delete' || isMacs);
  isPressed ||= isIt;
  return isIt;
}

/** @returns whether it was pressed since this was asked last */
export function takeDeleteKey(): boolean {
  const was = isPressed;
  isPressed = false;
  return was;
}
