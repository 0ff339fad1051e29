/**
 * Files that another app has shared with this one, on their way from the service worker to the page. They wait for a person to
 * say yes: any site can send a form to `/share`. They stay until the list of uploads has them: a crash just then loses none.
 */
import { createStore, get, getMany, promisifyRequest } from 'idb-keyval';
import { randomId } from '../../client/older-browsers.ts';
import { isSameFile } from './is-same-file.ts';

interface Noted {
  key: string;
  /** Who was asked about it: the next person at this browser must not see it. */
  asked?: string;
  /** Who has said yes to it, and a name for that: another tab may show the same question. */
  answer?: { owner: string; id: string };
}

export interface SharedFile extends Noted {
  file: File;
}

interface List {
  at: number;
  files: Noted[];
}

/** Beside it are the files, each by its own key: to write one again copies its bytes. */
const LIST = 'list';
/** A page that was not opened, as nobody was signed in, must not show them to the next person. */
const LAST_MS = 3_600_000;

const store = createStore('media-analysis-shared-1', 'shared');

const filesOf = (list: List | undefined, now: number) =>
  list && now - list.at < LAST_MS ? list.files : [];

/** Those that were shared before, and that nobody has answered yet, stay. */
export async function leaveShared(files: File[], at: number): Promise<void> {
  const all = (await readShared(at)).filter(({ answer }) => !answer).map(({ file }) => file);
  const added: SharedFile[] = [];
  for (const file of files) {
    const sames = await Promise.all(all.map((each) => isSameFile(each, file)));
    if (sames.includes(true)) continue;
    all.push(file);
    added.push({ key: randomId(), file });
  }
  await change((list, bytes) => {
    const before = filesOf(list, at);
    if (before.length === 0) bytes.clear();
    for (const { key, file } of added) bytes.put(file, key);
    return { at, files: [...before, ...added.map(({ key }) => ({ key }))] };
  });
}

async function readShared(now: number): Promise<SharedFile[]> {
  const noted = filesOf(await get<List>(LIST, store), now);
  const keys = noted.map(({ key }) => key);
  const files = await getMany<File | undefined>(keys, store);
  return noted.flatMap((each, index) => {
    const file = files[index];
    return file ? [{ ...each, file }] : [];
  });
}

/** @returns those that this person may be asked about; from now on nobody else is */
export async function sharedFor(owner: string, now: number): Promise<SharedFile[]> {
  const isOwn = ({ answer, asked = answer?.owner ?? owner }: Noted) => asked === owner;
  const own = (await readShared(now)).filter(isOwn);
  if (own.some(({ asked }) => asked === undefined)) {
    await change((list) => {
      const { at, files } = list ?? { at: 0, files: [] };
      return { at, files: files.map((each) => (isOwn(each) ? { ...each, asked: owner } : each)) };
    });
  }
  return own;
}

/** @returns those that no other tab has answered meanwhile; nobody else is asked about them */
export async function answerShared(asked: SharedFile[], owner: string): Promise<SharedFile[]> {
  const answer = { owner, id: randomId() };
  let own: SharedFile[] = [];
  await change((list) => {
    const { at, files } = list ?? { at: 0, files: [] };
    own = asked.filter((each) =>
      files.some(({ key, answer }) => key === each.key && answer?.id === each.answer?.id),
    );
    const keys = new Set(own.map(({ key }) => key));
    return { at, files: files.map((each) => (keys.has(each.key) ? { ...each, answer } : each)) };
  });
  return own;
}

export const forgetShared = (keys: readonly string[]): Promise<void> =>
  change((list, bytes) => {
    for (const key of keys) bytes.delete(key);
    const { at, files } = list ?? { at: 0, files: [] };
    return { at, files: files.filter(({ key }) => !keys.includes(key)) };
  });

/** In one transaction, so that a share and an answer at the same time both count. */
const change = (next: (list: List | undefined, bytes: IDBObjectStore) => List): Promise<void> =>
  store('readwrite', async (all) => {
    const list = await promisifyRequest<List | undefined>(all.get(LIST));
    all.put(next(list, all), LIST);
    await promisifyRequest(all.transaction);
  });
