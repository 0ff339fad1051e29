/**
 * Shows the files of all tabs of this browser in each tab. Each tab can pause or stop them all. A tab sends its list while another
 * tab is open.
 */
import type { Positioned } from './list.ts';

/** An action of the user on the files of all tabs. */
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
  /** True: the sender has no lists of the other tabs yet. */
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
/** How long a new tab waits for the lists of other tabs. No other tab may be open. */
const ANSWER_MS = 500;

export type UploadTabs = ReturnType<typeof openUploadTabs>;

/**
 * @param owner the signed-in user: tabs of another user get no messages
 * @param own the name of this tab
 */
export function openUploadTabs(owner: string, own: string, events: UploadTabsEvents) {
  const others = new Map<string, Told>();
  let telling: ReturnType<typeof setTimeout> | undefined;
  let heard = () => {};
  const ready = new Promise<void>((resolve) => {
    heard = resolve;
    setTimeout(resolve, ANSWER_MS);
  });
  // The number grows when messages change: tabs of another version do not understand each other.
  const channel = new BroadcastChannel(`media-analysis-uploads-2 ${owner}`);
  channel.onmessage = ({ data }: MessageEvent<Message>) => take(data);
  post({ asks: true });

  /** A file that a tab has taken over belongs to the tab that reported it last. */
  function items(): Positioned[] {
    const all = [...others.values()].flatMap((told) => told.items);
    return [...new Map(all.map((each) => [each.upload.key, each])).values()];
  }

  function tellNow(): void {
    if (others.size === 0) return;
    clearTimeout(telling);
    telling = undefined;
    post({ told: events.tell() });
  }

  function post(message: Omit<Message, 'from'>): void {
    try {
      channel.postMessage({ from: own, ...message } satisfies Message);
    } catch {
      // A browser may fail to copy files without bytes, and a closed page sends nothing. Other tabs keep the last state.
    }
  }

  function take({ from, asks, told, command }: Message): void {
    const isNew = !others.has(from);
    if (isNew) others.set(from, { items: [], secondsLeft: null });
    if (asks || isNew) tellNow();
    if (isNew) events.onTab(from);
    if (told) {
      const known = new Map(items().map((each) => [each.upload.key, each]));
      const renewed = told.items.map((each) => renew(each, known.get(each.upload.key)));
      others.set(from, { ...told, items: renewed });
      events.onChange();
      heard();
    }
    if (command) events.onCommand(command);
  }

  return {
    items,
    /** Resolves when another tab has sent its list, or after a short wait. */
    ready,
    /** The seconds that the other tabs will still send; null if not known. */
    secondsLeft(): number | null {
      const all = [...others.values()].flatMap(({ secondsLeft }) => secondsLeft ?? []);
      return all.length === 0 ? null : Math.max(...all);
    },
    tell(): void {
      if (others.size > 0) telling ??= setTimeout(tellNow, TELL_MS);
    },
    tellNow,
    command: (command: Command) => post({ command }),
    close: () => channel.close(),
    /** Called when a tab is gone, and this tab has taken over its unsent files. */
    leave(id: string): void {
      others.delete(id);
      events.onChange();
    },
  };
}

/**
 * A message brings a copy of everything. React draws a card again if its item is another object, and makes its picture again if
 * the file is another object.
 */
function renew(told: Positioned, known?: Positioned): Positioned {
  // The bytes of a missing file may be there now.
  if (!known || known.upload.state === 'missing') return told;
  const { file } = known.upload;
  const textOf = ({ upload }: Positioned) => JSON.stringify({ ...upload, file: undefined });
  const isSame = textOf(told) === textOf(known);
  return { ...told, upload: isSame ? known.upload : { ...told.upload, file } };
}
