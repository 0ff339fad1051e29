/**
 * Shows the files of all tabs of this browser in each tab, which can pause or stop them all. A tab sends no message until another
 * one is there.
 */
import type { Positioned } from './list.ts';

/** An action of the user on the files of another tab. */
export type Command =
  | { does: 'cancel' }
  | { does: 'pause'; isPaused: boolean }
  | { does: 'takeMissing'; file: File }
  | { does: 'dismiss'; keys: readonly string[] }
  | { does: 'sendAgain'; keys: readonly string[] };

interface Told {
  items: readonly Positioned[];
  secondsLeft: number | null;
}

interface Message {
  from: string;
  /** The sender has no lists of the others yet. */
  asks?: boolean;
  told?: Told;
  command?: Command;
}

interface UploadTabsEvents {
  /** @returns this tab's own files */
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
  #heard = () => {};
  /** Resolves when another tab has sent its list, or none has for a while. */
  readonly ready = new Promise<void>((resolve) => {
    this.#heard = resolve;
  });

  /**
   * @param owner the signed-in user: tabs of another user hear nothing
   * @param kept the name of this tab, and whether there is no other tab
   */
  constructor(owner: string, kept: { tab: string; isAlone?: boolean }, events: UploadTabsEvents) {
    this.#id = kept.tab;
    this.#events = events;
    // The number grows when messages change: tabs of another version do not understand each other.
    this.#channel = new BroadcastChannel(`media-analysis-uploads-2 ${owner}`);
    this.#channel.onmessage = ({ data }: MessageEvent<Message>) => this.#take(data);
    setTimeout(this.#heard, kept.isAlone ? 0 : ANSWER_MS);
    this.#post({ asks: true });
  }

  get items(): Positioned[] {
    return [...this.#others.values()].flatMap(({ items }) => items);
  }

  /** The seconds that the other tabs will still send; null if not known. */
  get secondsLeft(): number | null {
    const all = [...this.#others.values()].flatMap(({ secondsLeft }) => secondsLeft ?? []);
    return all.length === 0 ? null : Math.max(...all);
  }

  tell(): void {
    if (this.#others.size > 0) this.#telling ??= setTimeout(() => this.tellNow(), TELL_MS);
  }

  tellNow(): void {
    if (this.#others.size === 0) return;
    clearTimeout(this.#telling);
    this.#telling = undefined;
    const told = this.#events.tell();
    if (this.#claim(this.#id, told)) this.#events.onChange();
    this.#post({ told });
  }

  command(command: Command): void {
    this.#post({ command });
  }

  close(): void {
    this.#channel.close();
  }

  /** Called when a tab is gone, and its unsent files were taken over. */
  leave(id: string): void {
    this.#others.delete(id);
    this.#events.onChange();
  }

  /**
   * The files that a tab lists are its own: they no longer belong to a tab that is gone or was reloaded under another name.
   * @returns whether they did
   */
  #claim(owner: string, { items }: Told): boolean {
    const keys = new Set(items.map(({ upload }) => upload.key));
    let isChanged = false;
    for (const [id, told] of this.#others) {
      const left = told.items.filter(({ upload }) => !keys.has(upload.key));
      if (id === owner || left.length === told.items.length) continue;
      this.#others.set(id, { items: left, secondsLeft: null });
      isChanged = true;
    }
    return isChanged;
  }

  #post(message: Omit<Message, 'from'>): void {
    try {
      this.#channel.postMessage({ from: this.#id, ...message } satisfies Message);
    } catch {
      // Files whose bytes are gone may not be copied, and a page that was left sends nothing. The others keep their last
      // state.
    }
  }

  #take({ from, asks, told, command }: Message): void {
    const isNew = !this.#others.has(from);
    if (isNew) this.#others.set(from, { items: [], secondsLeft: null });
    if (asks || isNew) this.tellNow();
    if (isNew) this.#events.onTab(from);
    if (told) {
      const known = new Map(this.items.map((each) => [each.upload.key, each]));
      const items = told.items.map((each) => renewed(each, known.get(each.upload.key)));
      this.#others.set(from, { ...told, items });
      this.#claim(from, told);
      this.#events.onChange();
      this.#heard();
    }
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
