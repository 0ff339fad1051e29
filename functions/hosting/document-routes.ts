/** The API's document, which needs no token: `/api/openapi.json`, and `/api/docs` for people. */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { documentRoutes as ROUTES } from '@media-analysis/shared/document';
import headers from '@media-analysis/shared/page-headers.json' with { type: 'json' };
import { isAccepted } from '../http/compress.ts';
import { contractRoutes, type Handlers } from '../http/contract-route.ts';
import type { Route } from '../http/router.ts';
import { type File, sendFile } from './page.ts';

/** The strictest policy that allows a stylesheet. The policy of the product's page allows more. */
const POLICY =
  "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const HEADERS = { ...headers, 'Content-Security-Policy': POLICY };

/** Loaded at the first request, because most instances never need it. */
const read = () => import('./documents.ts');

type Text = Awaited<ReturnType<typeof read>>;
const compress = promisify(gzip);

interface Document {
  name: keyof Text;
  type: string;
}

export function documentRoutes(): Route[] {
  const made = new Map<Document, Promise<File[]>>();
  const documents: Handlers<typeof ROUTES, Document> = {
    getOpenApi: { name: 'OPENAPI', type: 'application/json' },
    getDocs: { name: 'PAGE', type: 'text/html; charset=utf-8' },
    getDocsStyle: { name: 'STYLE', type: 'text/css; charset=utf-8' },
  };
  return contractRoutes(ROUTES, documents, async (call, document, enter) => {
    enter();
    const files = made.get(document) ?? filesOf(document);
    made.set(document, files);
    const [plain, compressed] = await files;
    const accepted = String(call.request.headers['accept-encoding'] ?? '');
    const file = isAccepted('gzip', accepted) ? compressed : plain;
    if (file) sendFile(call, file, HEADERS);
  });
}

/** @returns the plain file and the compressed one */
async function filesOf({ name, type }: Document): Promise<File[]> {
  const bytes = Buffer.from((await read())[name]);
  const common = { type, cacheControl: 'no-cache' };
  return [
    { ...common, bytes },
    { ...common, bytes: await compress(bytes), encoding: 'gzip' },
  ];
}
