/** The line at the top of the page. */
import type { ReactNode } from 'react';
import { useWords } from '../../components/words/index.ts';
import { LanguageButton } from './language.tsx';

interface PageHeaderProps {
  /** Stands at the end of the line. */
  children?: ReactNode;
}

export function PageHeader({ children }: PageHeaderProps) {
  return (
    <header className="page-header">
      <h1>
        <span className="page-logo" aria-hidden="true" />
        {useWords().appName}
      </h1>
      <div className="page-header-end">
        {children}
        <LanguageButton />
      </div>
    </header>
  );
}
