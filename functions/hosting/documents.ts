/**
 * The API's document, as JSON and as a page, made at the first request. A built unit has the finished texts in place of this
 * file (`finishedDocuments` in `deploy/plugins.ts`).
 */
import { readFileSync } from 'node:fs';
import { openApi } from '@media-analysis/shared/openapi';
import { docsPage } from './docs-page.ts';
import { readFieldDocs } from './field-docs.ts';

const DOCUMENT = openApi({ docOf: readFieldDocs() });

export const OPENAPI = JSON.stringify(DOCUMENT);
export const PAGE = docsPage(DOCUMENT);
export const STYLE = readFileSync(new URL('./docs.css', import.meta.url), 'utf8');
