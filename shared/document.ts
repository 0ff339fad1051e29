/** The routes of the API's own document. */
import { type Docs, defineRoutes } from './routes.ts';

export const documentRoutes = defineRoutes({
  getOpenApi: {
    method: 'GET',
    path: '/api/openapi.json',
    open: true,
    answers: {
      200: { types: ['application/json'], etag: true },
      304: { nothing: true, etag: true },
    },
    codes: ['invalid_request', 'internal'],
  },
  getDocs: {
    method: 'GET',
    path: '/api/docs',
    open: true,
    answers: { 200: { types: ['text/html'], etag: true }, 304: { nothing: true, etag: true } },
    codes: ['invalid_request', 'internal'],
  },
  getDocsStyle: {
    method: 'GET',
    path: '/api/docs.css',
    open: true,
    answers: { 200: { types: ['text/css'], etag: true }, 304: { nothing: true, etag: true } },
    codes: ['invalid_request', 'internal'],
  },
});

export const documentDocs = (): Docs<typeof documentRoutes> => ({
  routes: {
    getOpenApi: {
      group: 'Document',
      title: 'This document as OpenAPI 3.1',
    },
    getDocs: {
      group: 'Document',
      title: 'This document as a page',
    },
    getDocsStyle: {
      group: 'Document',
      title: 'The style of the page',
    },
  },
});
