/**
 * Shows the files of all tabs of this browser in each tab, which can pause or stop them all. A tab sends no message until another
 * one is there.
 */
import type { Positioned } from './list.ts';

/** An action of the user on the files of another tab. */
export type Command =
  | { does: 'cancel' }
  | { does: 'pause'; isPaused: boolean }
  /** This tab was given a file that the other tab misses. */
  | { does: 'takeMissing'; file: File }
  | { does: 'dismiss' | 'sendAgain'; keys: readonly string[] };

interface Told {
  items: readonly Positioned[];
  secondsLeft: number | null;
}

interface Message {
  from: string;
  /** The sender has no lists of the others yet. */
  asks?: boolean;
  /** The name of the sender before it was reloaded. */
  was?: string;
  told?: Told;
  command?: Command;
}

export interface UploadTabsEvents {
  /** @returns the message about this tab's own files */
  tell: () => Told;
  onChange: () => void;
  onCommand: (command: Command) => void;
  /** Called when another tab has files; `id` is its name, as in `Kept`. */
  onTab: (id: string) => void;
}

/** Byte counts change many times a second. */
const TELL_MS = 200;
/** How long a new tab waits for the files of others. There may be none. */
const ANSWER_MS = 500;

export class UploadTabs {
  readonly #id: string;
  readonly #events: UploadTabsEvents;
  readonly #channel: BroadcastChannel;
  readonly #others = new Map<string, Told>();
  #telling: ReturnType<typeof setTimeout> | undefined;
  #isAlone = true;
  #heard = () => {};
  /** Resolves when another tab has sent its list, or none has for a while. */
  readonly ready = new Promise<void>((resolve) => {
    this.#heard = resolve;
  });

  /**
   * @param owner the signed-in user: tabs of another user hear nothing
   * @param kept the name of this tab, the one that it had before a reload, and whether there is no other tab
   */
  constructor(
    owner: string,
    kept: { tab: string; before?: string | undefined; isAlone?: boolean },
    events: UploadTabsEvents,
  ) {
    this.#id = kept.tab;
    this.#events = events;
    // The number grows when messages change: tabs of another version do not understand each other.
    this.#channel = new BroadcastChannel(`media-analysis-uploads-2 ${owner}`);
    this.#channel.onmessage = ({ data }: MessageEvent<Message>) => this.#take(data);
    setTimeout(this.#heard, kept.isAlone ? 0 : ANSWER_MS);
    this.#post({ asks: true });
    // One message has both: otherwise the files that were kept over the reload would be absent from the others for a moment.
    if (kept.before) this.#post({ was: kept.before, told: events.tell() });
  }

  /** The files of the others. */
  get items(): Positioned[] {
    return [...this.#others.values()].flatMap(({ items }) => items);
  }

  /** The seconds that the other tabs will still send; null if not known. */
  get secondsLeft(): number | null {
    const all = [...this.#others.values()].flatMap(({ secondsLeft }) => secondsLeft ?? []);
    return all.length === 0 ? null : Math.max(...all);
  }

  /** Called when the files of this tab, or their progress, have changed. */
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

  /** Sends and hears nothing more. */
  close(): void {
    this.#channel.close();
  }

  /** Called when a tab is gone. Its unsent files are taken over, and the refused ones stay until they are dismissed. */
  leave(id: string): void {
    this.#keep(id, ({ upload }) => upload.state === 'rejected');
  }

  dismiss(key: string): void {
    for (const id of this.#others.keys()) this.#keep(id, ({ upload }) => upload.key !== key);
  }

  #keep(id: string, isKept: (each: Positioned) => boolean): void {
    const known = this.#others.get(id);
    const items = known?.items.filter(isKept);
    if (!items || items.length === known?.items.length) return;
    this.#others.set(id, { items, secondsLeft: null });
    this.#events.onChange();
  }

  /** The files that a tab lists are its own: they no longer belong to a tab that is gone or was reloaded under another name. */
  #claim(owner: string, told: Told): void {
    const keys = new Set(told.items.map(({ upload }) => upload.key));
    for (const id of this.#others.keys()) {
      if (id !== owner) this.#keep(id, ({ upload }) => !keys.has(upload.key));
    }
  }

  #post(message: Omit<Message, 'from'>): void {
    try {
      this.#channel.postMessage({ from: this.#id, ...message } satisfies Message);
    } catch {
      // Files whose bytes are gone may not be copied, and a page that was left sends nothing. The others keep their last
      // state.
    }
  }

  #take({ from, asks, was, told, command }: Message): void {
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
    // A reloaded tab forgets refused files, except those that it lists.
    if (was) this.#keep(was, ({ upload }) => upload.state !== 'rejected');
    if (command) this.#events.onCommand(command);
  }
}

/**
 * A message brings a copy of everything. React draws a card again if its item is another object, and makes its picture again if
 * the file is another object.
 */
function renewed(told: Positioned, known?: Positioned): Positioned {
  // The bytes of a missing file may be there now.
  if (!known || known.upload.state === 'missing') return told;
  const { file } = known.upload;
  const textOf = ({ upload }: Positioned) => JSON.stringify({ ...upload, file: undefined });
  const isSame = textOf(told) === textOf(known);
  return { ...told, upload: isSame ? known.upload : { ...told.upload, file } };
}
