import type { ReactNode } from 'react';
import '@media-analysis/react/styles.css';
import { currentLanguage } from './current';

// Drawn for each request, in the language of its browser. An app without cacheComponents leaves this line out.
export const instant = false;
export const metadata = { title: 'Photos' };

export default async function Layout({ children }: { children: ReactNode }) {
  return (
    <html lang={await currentLanguage()}>
      <body>{children}</body>
    </html>
  );
}
