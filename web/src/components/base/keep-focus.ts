/**
 * Gives the focus to a region when a button in it disappears as it is pressed; the keyboard would begin at the top again.
 * WebKit scrolls to a region that gets the focus and does not fit into the window, unless it is told not to.
 */
export function keepFocus(region: HTMLElement | null): void {
  region?.focus({ preventScroll: true });
}
