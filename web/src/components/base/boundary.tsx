import { Component, type ReactNode } from 'react';

interface BoundaryProps {
  /** The data to draw. After a change, drawing is tried again. */
  of: unknown;
  /** Shown in place of children that cannot be drawn. */
  instead: ReactNode;
  children: ReactNode;
}

/** If one part throws while it renders, the rest of the page stays. */
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
