let isPressed = false;

/** A key held down counts once. On Macs, the key named Delete is Backspace. */
export function isDeleteKey({ key, repeat }: Pick<KeyboardEvent, 'key' | 'repeat'>): boolean {
  const isMacs = key === 'Backspace' && /^(Mac|iP)/.test(navigator.platform);
  const isIt = !repeat && (key === 'Delete' || isMacs);
  isPressed ||= isIt;
  return isIt;
}

/** @returns whether the key was pressed since the last call */
export function takeDeleteKey(): boolean {
  const was = isPressed;
  isPressed = false;
  return was;
}
