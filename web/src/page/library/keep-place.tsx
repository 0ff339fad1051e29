import { Component, type RefObject } from 'react';

/** The first card in sight that has a position in the list. */
export const firstInSight = (list: HTMLElement) =>
  [...list.querySelectorAll('[aria-posinset]')].find(
    (each) => each.getBoundingClientRect().bottom > 0,
  );

interface KeepPlaceProps {
  /** The element with the cards. */
  list: RefObject<HTMLElement | null>;
  /** Whether to do so at the top of the page too, where the user otherwise sees new cards arrive. */
  isAlways: boolean;
}

/**
 * Keeps the first card in sight where it is on the screen when cards come or go above it. It is drawn before the cards:
 * parts that scroll the page for another reason do so afterwards. Browsers do the same, but not at the top of the page,
 * and WebKit never does; what they have done is not done again.
 */
export class KeepPlace extends Component<KeepPlaceProps> {
  card: Element | undefined;
  /** The top of the card on the screen. */
  top = 0;
  /** The scroll position. At another one, the user has scrolled. */
  scrolledTo = 0;

  override getSnapshotBeforeUpdate() {
    const { list, isAlways } = this.props;
    if (scrollY <= 0 && !isAlways) this.card = undefined;
    else if (!this.card?.isConnected || this.scrolledTo !== scrollY) {
      this.card = list.current ? firstInSight(list.current) : undefined;
      this.top = this.card?.getBoundingClientRect().top ?? 0;
    }
    return null;
  }

  override componentDidUpdate() {
    if (!this.card?.isConnected) return;
    const moved = this.card.getBoundingClientRect().top - this.top;
    if (Math.abs(moved) >= 0.5) scrollBy({ top: moved, behavior: 'instant' });
    this.scrolledTo = scrollY;
  }

  override render() {
    return null;
  }
}
