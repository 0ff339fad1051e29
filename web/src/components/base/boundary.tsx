import { Component, type ReactNode } from 'react';

interface BoundaryProps {
  /** What is drawn. With another one, or a newer state of it, it is tried again. */
  of: unknown;
  /** Stands in place of what cannot be drawn. */
  instead: ReactNode;
  children: ReactNode;
}

/** One part that throws while it is drawn does not take away the whole page. */
export class Boundary extends Component<BoundaryProps, { isBroken: boolean }> {
  override state = { isBroken: false };

  static getDerivedStateFromError() {
    return { isBroken: true };
  }

  override componentDidUpdate({ of }: BoundaryProps) {
    if (this.state.isBroken && of !== this.props.of) this.setState({ isBroken: false });
  }

  override render() {
    return this.state.isBroken ? this.props.instead : this.props.children;
  }
}
