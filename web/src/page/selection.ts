/** Which media are selected, and how a press of a check box changes that. */

export interface Selection {
  ids: ReadonlySet<string>;
  /** What was pressed last: a range begins there. */
  anchor: string | undefined;
}

export const NONE: Selection = { ids: new Set(), anchor: undefined };

/** @param order In which the page shows the media. */
export function press(
  { ids, anchor }: Selection,
  id: string,
  order: readonly string[],
  isRange: boolean,
): Selection {
  const next = new Set(ids);
  const [from, to] = [order.indexOf(anchor ?? ''), order.indexOf(id)];
  if (isRange && from >= 0 && to >= 0) {
    // The range gets what the press makes of its end.
    const isOn = !ids.has(id);
    for (const each of order.slice(Math.min(from, to), Math.max(from, to) + 1)) {
      if (isOn) next.add(each);
      else next.delete(each);
    }
  } else if (!next.delete(id)) {
    next.add(id);
  }
  return { ids: next, anchor: id };
}
