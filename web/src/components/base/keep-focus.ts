/**
 * Moves the focus to a region when a pressed button in it disappears; the keyboard would begin at the top again. WebKit
 * scrolls to a focused region that does not fit into the window, unless it is told not to.
 */
export function keepFocus(region: HTMLElement | null): void {
  region?.focus({ preventScroll: true });
}
