/** What is kept of the list over a reload. No file waits long for the database, and where there is none, all is sent as well. */
import type { SendNotes } from '../../client/index.ts';
import { copiedFiles } from '../copied-files.ts';
import type { UploadError } from '../upload-error.ts';
import type { KeptDatabase } from './kept-database.ts';
import type { Item } from './list.ts';

/** Sending waits this long for the browser's database: longer than opening one that another page has left takes. */
const OPEN_MS = 6_000;

interface KeptParts {
  /** @returns undefined where the browser keeps nothing; it does not throw */
  open: (owner: string) => Promise<KeptDatabase | undefined>;
  /** Called when that takes so long that nothing waits for it any more. It is used as soon as it is open. */
  onLate: () => void;
  onLeave: () => void;
  /** Finds a file on the list as it is now. */
  find: (key: string) => Item | undefined;
}

export class Kept {
  readonly #parts: KeptParts;
  #opening: Promise<KeptDatabase | undefined> = Promise.resolve(undefined);
  /** The same with a time limit, for files that wait for it. */
  #inTime = this.#opening;
  #owner: string | undefined;
  #leaving: ReturnType<typeof setTimeout> | undefined;
  /** Keys of files that are kept, or will be as soon as the database is open. */
  readonly #keys = new Set<string>();

  constructor(parts: KeptParts) {
    this.#parts = parts;
  }

  /** @returns a function that ends it, as for an effect */
  start(owner: string): () => void {
    clearTimeout(this.#leaving);
    if (this.#owner === undefined) {
      this.#owner = owner;
      this.#opening = this.#parts.open(owner);
      this.#inTime = Promise.race([this.#opening, this.#timeout()]);
    }
    // An effect may end and begin again at once. Files that are stopped as it ends are forgotten first.
    return () => {
      this.#leaving = setTimeout(() => {
        this.#owner = undefined;
        // Otherwise the page of a later user, or of the same one, would take this list for another tab.
        this.#later(async (database) => database.close());
        void this.#opening.then(this.#parts.onLeave);
      });
    };
  }

  /** A database may never answer, as Safari's did: https://bugs.webkit.org/show_bug.cgi?id=226547. */
  async #timeout(): Promise<undefined> {
    await new Promise((resolve) => setTimeout(resolve, OPEN_MS));
    this.#parts.onLate();
  }

  /** Keeps files, then their bytes in sending order: many are accepted before their turn comes. */
  async put(items: readonly Item[]): Promise<void> {
    const keys = items.map(({ upload }) => upload.key);
    for (const key of keys) this.#keys.add(key);
    const database = await this.#opening;
    // A file that was refused, stopped or dismissed meanwhile would come back after a reload.
    const left = keys.flatMap((key) => (this.#keys.has(key) && this.#parts.find(key)) || []);
    await database?.put(left).catch(() => undefined);
    await this.putBytes(left);
  }

  async putBytes(items: readonly Item[]): Promise<void> {
    const database = await this.#opening;
    for (const { key, file } of items.map(({ upload }) => upload)) {
      if (await database?.putBytes(key, file).catch(() => false)) copiedFiles.get(file)?.release();
    }
  }

  /** Sending goes on when the notes are kept. */
  async note(key: string, notes: SendNotes): Promise<void> {
    await (await this.#inTime)?.change(key, { notes }).catch(() => undefined);
  }

  /** Keeps why a file must not be sent again today. */
  refuse(key: string, refusal: UploadError): void {
    this.#later((database) => database.change(key, { refusal, notes: {} }));
  }

  pause(items: readonly Item[], isPaused: boolean): void {
    this.#later(async (database) => {
      for (const { upload } of items) await database.change(upload.key, { isPaused });
    });
  }

  drop(key: string): void {
    this.#keys.delete(key);
    this.#later((database) => database.drop(key));
  }

  #later(act: (database: KeptDatabase) => Promise<void>): void {
    void this.#opening.then((database) => database && act(database)).catch(() => undefined);
  }
}
