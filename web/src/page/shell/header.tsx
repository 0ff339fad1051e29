/** Name of the page, and the header of a page that shows no photos. */
import { useWords } from '../../components/words/index.ts';
import { LanguageButton } from './language.tsx';

export const PageName = () => (
  <h1 className="page-name">
    <span className="page-logo" aria-hidden="true" />
    <span>{useWords().appName}</span>
  </h1>
);

export const PageHeader = () => (
  <header className="page-header">
    <PageName />
    <LanguageButton />
  </header>
);
