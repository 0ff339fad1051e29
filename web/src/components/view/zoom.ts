/** How far a picture is zoomed in, and which part of it is seen. */

export interface View {
  /** 1: the whole picture. */
  scale: number;
  /** How far the middle is moved, in pixels of the screen. */
  x: number;
  y: number;
}

export const WHOLE: View = { scale: 1, x: 0, y: 0 };
export const MAX_SCALE = 8;

interface Size {
  width: number;
  height: number;
}

/** The picture while it is whole, and the frame that it is seen in. It is in the middle of it. */
interface Room {
  picture: Size;
  frame: Size;
}

/** @param at What stays where it is, from the middle of the frame, in pixels. */
export function zoomed(view: View, factor: number, room: Room, at = { x: 0, y: 0 }): View {
  const scale = Math.min(MAX_SCALE, Math.max(1, view.scale * factor));
  const grown = scale / view.scale;
  const x = at.x - (at.x - view.x) * grown;
  const y = at.y - (at.y - view.y) * grown;
  return within({ scale, x, y }, room);
}

export function moved(view: View, x: number, y: number, room: Room): View {
  return within({ ...view, x: view.x + x, y: view.y + y }, room);
}

/** A picture that is larger than its frame fills it. A smaller one stays in the middle. */
function within({ scale, x, y }: View, { picture, frame }: Room): View {
  const clamp = (value: number, side: 'width' | 'height') => {
    const most = Math.max(0, (picture[side] * scale - frame[side]) / 2);
    return Math.max(-most, Math.min(most, value)) || 0;
  };
  return { scale, x: clamp(x, 'width'), y: clamp(y, 'height') };
}
