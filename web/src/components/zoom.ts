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

/** @param at What stays where it is, from the middle of the picture, in pixels. */
export function zoomed(view: View, factor: number, size: Size, at = { x: 0, y: 0 }): View {
  const scale = Math.min(MAX_SCALE, Math.max(1, view.scale * factor));
  const grown = scale / view.scale;
  const x = at.x - (at.x - view.x) * grown;
  const y = at.y - (at.y - view.y) * grown;
  return within({ scale, x, y }, size);
}

export function moved(view: View, x: number, y: number, size: Size): View {
  return within({ ...view, x: view.x + x, y: view.y + y }, size);
}

/** The picture always fills its frame. */
function within({ scale, x, y }: View, { width, height }: Size): View {
  const most = { x: (width * (scale - 1)) / 2, y: (height * (scale - 1)) / 2 };
  const clamp = (value: number, limit: number) => Math.max(-limit, Math.min(limit, value)) || 0;
  return { scale, x: clamp(x, most.x), y: clamp(y, most.y) };
}
