/** The route for the months of a library. */
import type { Firestore } from '@google-cloud/firestore';
import { mediaMonthsSchema } from '@media-analysis/shared/search';
import { parse } from '../../http/body.ts';
import type { ContractCall } from '../../http/contract-route.ts';
import { sendJson } from '../../http/respond.ts';
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

export const libraryHandlers = { listMonths };
