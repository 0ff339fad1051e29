/**
 * The API's document, as JSON and as a page. Made when somebody asks for it first; the build of a unit has the finished texts in
 * place of this file (`finishedDocuments` in `deploy/plugins.ts`), and none of what makes them.
 */
import { readFileSync } from 'node:fs';
import { openApi } from '@media-analysis/shared/openapi';
import { docsPage } from './docs-page.ts';
import { readFieldDocs } from './field-docs.ts';

const DOCUMENT = openApi({ docOf: readFieldDocs() });

export const OPENAPI = JSON.stringify(DOCUMENT);
export const PAGE = docsPage(DOCUMENT);
export const STYLE = readFileSync(new URL('./docs.css', import.meta.url), 'utf8');
