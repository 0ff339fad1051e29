/** Held down, it deletes one thing. The keyboards of Macs have its sign on Backspace. */
export const isDeleteKey = ({ key, repeat }: Pick<KeyboardEvent, 'key' | 'repeat'>) =>
  !repeat && (key === 'Delete' || (key === 'Backspace' && /^(Mac|iP)/.test(navigator.platform)));
