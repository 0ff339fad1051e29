import { Component, type RefObject } from 'react';

/** Of the cards that have a place in the list. */
export const firstInSight = (list: HTMLElement) =>
  [...list.querySelectorAll('[aria-posinset]')].find(
    (each) => each.getBoundingClientRect().bottom > 0,
  );

interface KeepPlaceProps {
  /** What the cards are in. */
  list: RefObject<HTMLElement | null>;
  /** Whether also at the top of the page, where otherwise one sees what arrives. */
  isAlways: boolean;
}

/**
 * What is first in sight stays where it is on the screen when cards come or go above it. It is drawn before the cards, with them:
 * what scrolls the page for another reason does it afterwards. Browsers do the same, but not at the top of the page, and WebKit not
 * at all; what they have done is not done again.
 */
export class KeepPlace extends Component<KeepPlaceProps> {
  card: Element | undefined;
  /** Of the card, on the screen. */
  top = 0;
  /** Somewhere else, a person has scrolled. */
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
