/** The line at the top of the page. */
import type { ReactNode } from 'react';

interface PageHeaderProps {
  /** Stands at the end of the line. */
  children?: ReactNode;
}

export function PageHeader({ children }: PageHeaderProps) {
  return (
    <header className="page-header">
      <h1>
        <span className="page-logo" aria-hidden="true" />
        Media Analysis
      </h1>
      {children}
    </header>
  );
}
