/** The routes for the months and the locations of a library. */
import type { Firestore } from '@google-cloud/firestore';
import type { LocationList } from '@media-analysis/shared/library';
import { libraryRoutes } from '@media-analysis/shared/library';
import { mediaMonthsSchema } from '@media-analysis/shared/search';
import { parse } from '../../http/body.ts';
import type { ContractCall } from '../../http/contract-route.ts';
import { sendJson } from '../../http/respond.ts';
import { readLocations } from './locations.ts';
import { countMonths } from './months.ts';

type Handle = (
  call: ContractCall,
  ownerId: string,
  services: { firestore: Firestore },
) => Promise<void>;

const listMonths: Handle = async ({ response, query }, ownerId, { firestore }) => {
  const { time_zone, ...filters } = parse(mediaMonthsSchema, query);
  sendJson(response, 200, { months: await countMonths(firestore, ownerId, filters, time_zone) });
};

const listLocations: Handle = async ({ response, query }, ownerId, { firestore }) => {
  const { limit, page_token } = parse(libraryRoutes.listLocations.query, query);
  const { locations, nextPageToken } = await readLocations(firestore, ownerId, limit, page_token);
  sendJson(response, 200, {
    locations,
    ...(nextPageToken !== undefined && { next_page_token: nextPageToken }),
  } satisfies LocationList);
};

export const libraryHandlers = { listMonths, listLocations };
