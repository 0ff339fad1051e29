/**
 * Every route that people and programs call, in one table. Each feature writes its own in the file of its schemas. The units
 * register their routes from here, the OpenAPI document is made of it, and tests hold each answer against it.
 */
import { analysisRoutes } from './analyses.ts';
import { binRoutes } from './bin.ts';
import { documentRoutes } from './document.ts';
import { streamRoutes } from './event-streams.ts';
import { exportRoutes } from './export.ts';
import { importRoutes } from './imports.ts';
import { largeUploadRoutes } from './large-uploads.ts';
import { libraryRoutes } from './library.ts';
import { mediaRoutes } from './media.ts';
import { reanalysisRoutes } from './reanalyses.ts';
import { resultRoutes } from './results.ts';
import type { Contract } from './routes.ts';
import { searchRoutes } from './search.ts';
import { uploadRoutes } from './uploads.ts';
import { usageRoutes } from './usage.ts';
import { callbackRoutes, webhookRoutes } from './webhooks.ts';

/** The routes of the api, but for those of webhooks, which only service keys may call. */
export const API_ROUTES = {
  ...uploadRoutes,
  ...largeUploadRoutes,
  ...searchRoutes,
  ...exportRoutes,
  ...libraryRoutes,
  ...mediaRoutes,
  ...analysisRoutes,
  ...resultRoutes,
  ...binRoutes,
  ...reanalysisRoutes,
  ...importRoutes,
  ...usageRoutes,
  ...callbackRoutes,
};

/**
 * The first route that fits an address answers: `/api/media/export` and `/api/media/stream` stand before `/api/media/{id}`.
 */
const ALL = {
  ...webhookRoutes,
  ...streamRoutes,
  ...API_ROUTES,
  ...documentRoutes,
};

export type Operation = keyof typeof ALL;

export const CONTRACT: Readonly<Record<Operation, Contract>> = ALL;

/** The names of the routes, in their order. */
export const OPERATIONS = Object.keys(CONTRACT) as Operation[];
