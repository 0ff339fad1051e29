import type { ReactNode } from 'react';
import '@media-analysis/react/styles.css';
import { currentLanguage } from './current';

export const metadata = { title: 'Photos' };

export default async function Layout({ children }: { children: ReactNode }) {
  return (
    <html lang={await currentLanguage()}>
      <body>{children}</body>
    </html>
  );
}
