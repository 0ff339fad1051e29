/** The routes for the months and the locations of a library. */
import type { Firestore } from '@google-cloud/firestore';
import { SHAPES } from '@media-analysis/shared/contract-shapes';
import type { LocationList } from '@media-analysis/shared/locations';
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

export const listMonths: Handle = async ({ response, query }, ownerId, { firestore }) => {
  const { time_zone, ...filters } = parse(mediaMonthsSchema, query);
  sendJson(response, 200, { months: await countMonths(firestore, ownerId, filters, time_zone) });
};

export const listLocations: Handle = async ({ response, query }, ownerId, { firestore }) => {
  const { limit, page_token } = parse(SHAPES.listLocations.query, query);
  const { locations, nextPageToken } = await readLocations(firestore, ownerId, limit, page_token);
  sendJson(response, 200, {
    locations,
    ...(nextPageToken !== undefined && { next_page_token: nextPageToken }),
  } satisfies LocationList);
};
