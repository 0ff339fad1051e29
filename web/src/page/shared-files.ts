/**
 * Files that another app has shared with this one, on their way from the service worker to the page. They wait for a person to
 * say yes: any site can send a form to `/share`.
 */
import { createStore, del, get, set } from 'idb-keyval';

export interface SharedFiles {
  at: number;
  files: File[];
}

const KEY = 'files';
/** A page that was not opened, as nobody was signed in, must not show them to the next person. */
const LAST_MS = 3_600_000;

const store = createStore('media-analysis-shared-1', 'shared');

/** Those that were shared before are replaced. */
export const leaveShared = (files: File[], at: number): Promise<void> =>
  set(KEY, { at, files } satisfies SharedFiles, store);

export async function readShared(now: number): Promise<File[]> {
  const shared = await get<SharedFiles>(KEY, store);
  return shared && now - shared.at < LAST_MS ? shared.files : [];
}

export const forgetShared = (): Promise<void> => del(KEY, store);
