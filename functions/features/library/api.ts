import { libraryRoutes } from '@media-analysis/shared/library';
import { type ApiFeature, bound } from '../../core/parts.ts';
import { libraryHandlers } from './routes.ts';

export const library: ApiFeature<unknown> = ({ firestore }) => ({
  handlers: bound(libraryRoutes, libraryHandlers, { firestore }),
});
