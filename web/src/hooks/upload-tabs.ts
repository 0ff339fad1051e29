/**
 * The files that other tabs of this browser send: each tab shows those of all, and each can pause or stop them. A tab says nothing
 * until it has heard of another one.
 */
import type { Place } from './order.ts';

/** What a person does in one tab to the files of another. */
export type Command =
  | { does: 'cancel' }
  | { does: 'pause'; isPaused: boolean }
  /** A file that the other tab misses was chosen in this one. */
  | { does: 'takeMissing'; file: File }
  | { does: 'dismiss' | 'sendAgain'; keys: readonly string[] };

/** A file that another tab sends, and its place among all. */
export interface Placed<Item> extends Place {
  upload: Item;
}

interface Shown {
  key: string;
  file: File;
  state: string;
}

interface Told<Item> {
  items: readonly Placed<Item>[];
  secondsLeft: number | null;
}

interface Message<Item> {
  from: string;
  /** The sender knows nothing of the others yet. */
  asks?: boolean;
  /** The name of the sender before it was loaded again. */
  was?: string;
  told?: Told<Item>;
  command?: Command;
}

export interface UploadTabsEvents<Item> {
  /** What this tab says of its own files. */
  tell: () => Told<Item>;
  onChange: () => void;
  onCommand: (command: Command) => void;
  /** Another tab has files; `id` is its name, as in `KeptUploads`. */
  onTab: (id: string) => void;
}

/** Bytes are counted many times a second. */
const TELL_MS = 200;
/** How long a new tab waits for what the others have. There may be none. */
const ANSWER_MS = 500;

export class UploadTabs<Item extends Shown> {
  readonly #id: string;
  readonly #events: UploadTabsEvents<Item>;
  readonly #channel: BroadcastChannel;
  readonly #others = new Map<string, Told<Item>>();
  #telling: ReturnType<typeof setTimeout> | undefined;
  #isAlone = true;
  #heard = () => {};
  /** Resolves when another tab has told of its files, or none has for a while. */
  readonly ready = new Promise<void>((resolve) => {
    this.#heard = resolve;
    setTimeout(resolve, ANSWER_MS);
  });

  /**
   * @param owner Who is signed in: tabs of another user hear nothing.
   * @param kept The name of this tab, and the one that it had before it was loaded again.
   */
  constructor(
    owner: string,
    kept: { tab: string; before?: string | undefined },
    events: UploadTabsEvents<Item>,
  ) {
    this.#id = kept.tab;
    this.#events = events;
    this.#channel = new BroadcastChannel(`media-analysis-uploads-1 ${owner}`);
    this.#channel.onmessage = ({ data }) => this.#take(data);
    this.#post({ asks: true });
    // In one message: to the others, what was kept over the reload is never absent.
    if (kept.before) this.#post({ was: kept.before, told: events.tell() });
  }

  /** The files of the others. */
  get items(): Placed<Item>[] {
    return [...this.#others.values()].flatMap(({ items }) => items);
  }

  /** How long the others will still send, in seconds; null if that is not known. */
  get secondsLeft(): number | null {
    const all = [...this.#others.values()].flatMap(({ secondsLeft }) => secondsLeft ?? []);
    return all.length === 0 ? null : Math.max(...all);
  }

  /** The files of this tab are others now, or further. */
  tell(): void {
    if (this.#isAlone) return;
    this.#telling ??= setTimeout(() => this.tellNow(), TELL_MS);
  }

  tellNow(): void {
    if (this.#isAlone) return;
    clearTimeout(this.#telling);
    this.#telling = undefined;
    const told = this.#events.tell();
    this.#claim(this.#id, told);
    this.#post({ told });
  }

  command(command: Command): void {
    this.#post({ command });
  }

  /** Says and hears nothing more. */
  close(): void {
    this.#channel.close();
  }

  /** A tab is gone. What it has sent is taken over, and what was refused stays until it is dismissed. */
  leave(id: string): void {
    this.#keep(id, ({ upload }) => upload.state === 'rejected');
  }

  dismiss(key: string): void {
    for (const id of this.#others.keys()) this.#keep(id, ({ upload }) => upload.key !== key);
  }

  #keep(id: string, isKept: (each: Placed<Item>) => boolean): void {
    const known = this.#others.get(id);
    const items = known?.items.filter(isKept);
    if (!items || items.length === known?.items.length) return;
    this.#others.set(id, { items, secondsLeft: null });
    this.#events.onChange();
  }

  /** The files that a tab tells of are its own, and no longer those of a tab that is gone or, under another name, was loaded again. */
  #claim(owner: string, told: Told<Item>): void {
    const keys = new Set(told.items.map(({ upload }) => upload.key));
    for (const id of this.#others.keys()) {
      if (id !== owner) this.#keep(id, ({ upload }) => !keys.has(upload.key));
    }
  }

  #post(message: Omit<Message<Item>, 'from'>): void {
    try {
      this.#channel.postMessage({ from: this.#id, ...message } satisfies Message<Item>);
    } catch {
      // A file whose bytes are gone may not be copied, and a page that was left says nothing. The others show what they know.
    }
  }

  #take(data: unknown): void {
    const message = asMessage<Item>(data);
    if (!message) return;
    const { from, asks, was, told, command } = message;
    const isNew = !this.#others.has(from);
    this.#isAlone = false;
    if (asks || isNew) this.tellNow();
    if (isNew) this.#others.set(from, { items: [], secondsLeft: null });
    if (isNew) this.#events.onTab(from);
    if (told) {
      const known = new Map(this.items.map((each) => [each.upload.key, each]));
      const items = told.items.map((each) => renewed(each, known.get(each.upload.key)));
      this.#claim(from, told);
      this.#others.set(from, { ...told, items });
      this.#events.onChange();
      this.#heard();
    }
    // When it is loaded again, a tab forgets what was refused, but for what it tells of.
    if (was) this.#keep(was, ({ upload }) => upload.state !== 'rejected');
    if (command) this.#events.onCommand(command);
  }
}

/**
 * A message brings a copy of everything. A card whose item is another object is drawn again, and its picture is made again if the
 * file is another object.
 */
function renewed<Item extends Shown>(told: Placed<Item>, known?: Placed<Item>): Placed<Item> {
  // The bytes of a missing file may be there now.
  if (!known || known.upload.state === 'missing') return told;
  const { file } = known.upload;
  const textOf = ({ upload }: Placed<Item>) => JSON.stringify({ ...upload, file: undefined });
  const isSame = textOf(told) === textOf(known);
  return { ...told, upload: isSame ? known.upload : { ...told.upload, file } };
}

/** A tab of another version of the page may say something else. */
function asMessage<Item extends Shown>(data: unknown): Message<Item> | undefined {
  const message = (data ?? {}) as Partial<Message<Item>>;
  if (typeof message.from !== 'string') return undefined;
  const { from, asks, was, told, command } = message;
  const isWhole = (each: Partial<Placed<Item>> | undefined) =>
    typeof each?.upload?.key === 'string' && each.upload.file instanceof File;
  if (told && !(Array.isArray(told.items) && told.items.every(isWhole))) return undefined;
  return {
    from,
    ...(asks && { asks }),
    ...(was && { was }),
    ...(told && { told }),
    ...(command && { command }),
  };
}
