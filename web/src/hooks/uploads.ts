/**
 * Files that are being sent, until the server has accepted or refused them. Connects their list, the sender, the storage that
 * survives a reload, and the other tabs of the browser.
 */
import { isRetryableCode } from '@media-analysis/shared/retryable';
import { type Media, type MediaClient, MediaClientError } from '../client/index.ts';
import { randomId } from '../client/older-browsers.ts';
import type { MediaCache } from './store.ts';
import { type Kept, keepFiles } from './uploads/kept.ts';
import {
  type FoundFile,
  type Item,
  isSending,
  newUpload,
  refusedFiles,
  restoredItem,
  type Upload,
  type UploadError,
  UploadList,
  type Wishes,
} from './uploads/list.ts';
import { createSender } from './uploads/sender.ts';
import { type Command, openUploadTabs, type UploadTabs } from './uploads/tabs.ts';

/** The page may take this long to remember that a file was accepted. */
const FORGET_MS = 1_000;

const isAlike = (a: File, b: File) => a.name === b.name && a.lastModified === b.lastModified;

export function createUploads(client: MediaClient, store: MediaCache, now = Date.now) {
  const list = new UploadList();
  let isRestored = true;
  let kept: Kept | undefined;
  let tabs: UploadTabs | undefined;
  let leaving: ReturnType<typeof setTimeout> | undefined;
  let dayEnds: ReturnType<typeof setTimeout> | undefined;
  const sender = createSender(client, list, now, {
    onNotes: async (key, notes) => {
      list.patch(key, { announcedId: notes.pieces?.mediaId ?? null }, { notes });
      await kept?.note(key, notes);
    },
    onAccepted: accept,
    onRefused: refuse,
    onStopped(key) {
      list.patch(key, {}, { notes: undefined });
      kept?.stop(key);
      list.end(key, { state: 'stopped', error: null });
    },
  });
  let { items } = list;
  list.subscribe(() => {
    const before = items;
    items = list.items;
    // Only the files of another tab have changed.
    if (items === before) return;
    if (before.some(isSending) && !items.some(isSending)) pauseOwn(false);
    tabs?.tell();
  });

  const isPaused = () =>
    sender.isPaused() || list.shown.some((upload) => upload.isElsewhere && upload.isPaused);

  function pauseOwn(pauses: boolean): void {
    if (!sender.pause(pauses)) return;
    list.pause(pauses);
    kept?.pause(
      list.items.map(({ upload }) => upload.key),
      pauses,
    );
  }

  async function open(owner: string): Promise<void> {
    // Otherwise readers would take the list for complete.
    isRestored = false;
    list.set();
    const files = keepFiles(owner, resume);
    kept = files;
    if (await files.isOpen) {
      const others = openUploadTabs(owner, files.tab, {
        tell: () => ({
          secondsLeft: sender.secondsLeft(),
          items: list.items.map(({ upload, chosenAt, position }) => ({
            upload: { ...upload, isElsewhere: true },
            chosenAt,
            position,
          })),
        }),
        onChange: () => list.setOthers(others.items()),
        onCommand: run,
        onTab: (tab) =>
          void files.takeOverFrom(tab).then(
            () => others.leave(tab),
            () => undefined,
          ),
      });
      tabs = others;
      // Files do not wait for the other tabs. The list is complete with the files of those tabs.
      if (!files.isAlone()) await others.ready;
    }
    isRestored = true;
    list.set();
  }

  async function keepAndSend(added: readonly Item[], wishes: Wishes): Promise<string[]> {
    const keys = added.map(({ upload }) => upload.key);
    kept?.put(keys, (key) => list.find(key));
    return keys.length === 0 ? [] : send(keys, wishes);
  }

  function send(keys: readonly string[], wishes: Wishes): Promise<string[]> {
    // The page shows all tabs as paused.
    if (isPaused()) pauseOwn(true);
    return sender.send(keys, wishes);
  }

  async function sendOwnAgain(keys: readonly string[], by?: Wishes): Promise<string[]> {
    const isOver = ({ upload: { key, state } }: Item) =>
      keys.includes(key) && (state === 'rejected' || state === 'stopped');
    const over = list.items.filter(isOver);
    const wishes = { batchId: randomId(), ...(by ?? over[0]?.wishes) };
    const { batchId } = wishes;
    for (const { upload } of over) {
      const wasStopped = upload.state === 'stopped';
      const announcedId = wasStopped ? null : upload.announcedId;
      const change = { state: 'sending', sent: 0, error: null, batchId, announcedId } as const;
      list.patch(upload.key, change, { wishes, wasStopped });
    }
    return keepAndSend(over, wishes);
  }

  function dismissOwn(key: string): void {
    const item = list.find(key);
    if (!item) return;
    const { state, announcedId } = item.upload;
    const isGone = announcedId !== null && store.isGone(announcedId);
    if (state !== 'sending' && announcedId && !isGone) remove(announcedId);
    forget(key);
    list.remove(key);
    // The client removes announced media, unless it knows that the media is gone.
    const reason = isGone ? new MediaClientError('not_found', '', { status: 0 }) : undefined;
    sender.drop(key, reason);
  }

  function resume(all: readonly FoundFile[]): void {
    // Without its bytes, a stopped file has nothing to try again with.
    const isLost = ({ isStopped, file }: FoundFile) => isStopped && !file;
    for (const { key } of all.filter(isLost)) kept?.drop(key);
    const found = all.filter((each) => !isLost(each));
    if (found.some((each) => each.isPaused)) pauseOwn(true);
    list.restore(found.map((each) => restoredItem(each, now())));
    const groups = new Map<string, Item[]>();
    for (const { key, file, refusal } of found) {
      if (file && refusal) refuse(key, refusal);
      const item = list.find(key);
      if (!item || !isSending(item)) continue;
      const wishes = JSON.stringify(item.wishes);
      groups.set(wishes, [...(groups.get(wishes) ?? []), item]);
    }
    for (const group of groups.values()) {
      const keys = group.map(({ upload }) => upload.key);
      void send(keys, group[0]?.wishes ?? {});
    }
  }

  /** @returns true if the bytes of the file were missing; then it continues */
  function takeMissing(file: File): boolean {
    // The browser looks a file up on disk when its size is first asked for, and the page stands still meanwhile.
    const item = list.items.find(
      ({ upload, missingSize }) =>
        missingSize !== undefined && isAlike(upload.file, file) && missingSize === file.size,
    );
    if (!item) return false;
    const { upload, wishes } = item;
    list.patch(upload.key, { file, state: 'sending' }, { missingSize: undefined });
    kept?.put([upload.key], (key) => list.find(key));
    void send([upload.key], wishes);
    return true;
  }

  /** @returns true if another tab misses the bytes of the file; then that tab continues with it */
  function handOver(file: File): boolean {
    const isMissed = (upload: Upload) =>
      upload.isElsewhere && upload.state === 'missing' && isAlike(upload.file, file);
    if (!list.shown.some(isMissed)) return false;
    tabs?.command({ does: 'takeMissing', file });
    return true;
  }

  /** If this fails, the media appears in the user's list, where they can delete it. */
  function remove(id: string): void {
    client.remove(id, { permanently: true }).catch(() => undefined);
  }

  function forget(key: string): void {
    list.patch(key, {}, { notes: undefined });
    kept?.drop(key);
  }

  function accept(key: string, media: Media) {
    // The user has dismissed the file meanwhile.
    if (!list.find(key)) return remove(media.id);
    store.add(media);
    list.patch(key, { state: 'accepted', mediaId: media.id, error: null });
    // Other tabs must count the file once: as a file, or as a media.
    tabs?.tellNow();
    // After an early reload, the page finds the accepted files by the kept ones.
    setTimeout(() => forget(key), FORGET_MS);
  }

  function refuse(key: string, error: UploadError) {
    const item = list.find(key);
    if (error.code === 'not_found' && item?.wasStopped) {
      list.patch(key, { announcedId: null }, { notes: undefined, wasStopped: false });
      void send([key], item.wishes);
      return;
    }
    // The file is sent again.
    if (error.code === 'unavailable') return list.patch(key, { error });
    const isMissing = item?.missingSize !== undefined;
    // If another try can send the file, it also stays for a later page.
    if (!isMissing && !isRetryableCode(error.code)) forget(key);
    if (error.day_limit) {
      kept?.refuse(key, error);
      clearTimeout(dayEnds);
      // The list then shows that another try can succeed.
      const ms = Date.parse(error.day_limit.ends_at) - Date.now();
      dayEnds = setTimeout(() => list.set(), ms);
    }
    const outcome: Partial<Upload> = isMissing
      ? { state: 'missing', error: null }
      : { state: 'rejected', error };
    list.end(key, outcome);
  }

  /** Acts on the files of this tab. */
  function run(command: Command): void {
    const { does } = command;
    if (does === 'cancel') sender.cancel();
    else if (does === 'takeMissing') takeMissing(command.file);
    else if (does === 'sendAgain') void sendOwnAgain(command.keys);
    else if (does === 'dismiss') command.keys.forEach(dismissOwn);
    else if (!command.isPaused || list.items.some(isSending)) pauseOwn(command.isPaused);
  }

  /** Acts on the files of all tabs. */
  function act(command: Command): void {
    tabs?.command(command);
    run(command);
  }

  return {
    subscribe: list.subscribe,
    getSnapshot: (): readonly Upload[] => list.shown,
    /** False until the files of earlier pages are on the list. */
    isRestored: () => isRestored,
    isPaused,
    secondsLeft: () => sender.secondsLeft() ?? tabs?.secondsLeft() ?? null,
    /** Keeps files that are not accepted yet over a reload, if the browser can, and continues with files kept before. */
    keep(owner: string): () => void {
      clearTimeout(leaving);
      if (!kept) void open(owner);
      // An effect may end and begin again at once. Files that are stopped at its end are forgotten first.
      return () => {
        leaving = setTimeout(() => {
          kept?.close();
          // Otherwise the page of a later user, or of the same one, would take this list for another tab.
          tabs?.close();
        });
      };
    },
    /**
     * Adds files to the list and sends them. A missing file continues where it ended, and a stopped one is sent again.
     * The items show the outcomes.
     * @returns the ids of the accepted files
     */
    async add(files: readonly File[], by: Wishes = {}): Promise<string[]> {
      // The batch stays the same over an outage and a reload.
      const wishes = { batchId: randomId(), ...by };
      const others: File[] = [];
      const stopped: string[] = [];
      for (const file of files) {
        const again = list.items.find(
          ({ upload }) => upload.state === 'stopped' && isAlike(upload.file, file),
        );
        if (again && again.upload.file.size === file.size) stopped.push(again.upload.key);
        else if (!takeMissing(file) && !handOver(file)) others.push(file);
      }
      const uploads = others.map((file): Upload => {
        const upload = newUpload(randomId(), file, wishes);
        const error = refusedFiles.get(file);
        return error ? { ...upload, state: 'rejected', error } : upload;
      });
      const added = list.choose(uploads, wishes, now());
      const ids = await Promise.all([
        sendOwnAgain(stopped, wishes),
        keepAndSend(added.filter(isSending), wishes),
      ]);
      return ids.flat();
    },
    /** Sends rejected or stopped files again. */
    async sendAgain(keys: readonly string[], wishes: Wishes = {}): Promise<string[]> {
      tabs?.command({ does: 'sendAgain', keys });
      return sendOwnAgain(keys, wishes);
    },
    pause: (pauses = true) => act({ does: 'pause', isPaused: pauses }),
    cancel: () => act({ does: 'cancel' }),
    /** As a user signs out: the next one must not find these files. */
    cancelHere() {
      for (const { upload } of list.items.filter(isSending)) kept?.drop(upload.key);
      sender.cancel();
    },
    dismiss: (key: string) => act({ does: 'dismiss', keys: [key] }),
  };
}
