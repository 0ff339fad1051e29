/**
 * One event stream for all tabs of a browser. HTTP/1.1 has six connections to a host: with a stream for each tab, the seventh tab
 * would not load. One tab holds a Web Lock and follows the media of all. A BroadcastChannel brings the news to the others.
 */
import type { Connection, ErrorCode, Media } from '../client/index.ts';
import { randomId } from '../client/older-browsers.ts';

/** A message to the other tabs. */
export interface News {
  media?: Media[];
  /** Ids of media that were just sent, which the lists of the others lack. */
  created?: string[];
  /** Ids of deleted media. */
  gone?: string[];
  /** Ids of deleted media that are back; `media` has their states. */
  back?: string[];
  /** How news reaches the tab that follows. */
  connection?: Connection | 'idle' | 'closed';
  /** Why it has stopped; only with the connection `closed`. */
  error?: { code: ErrorCode; message: string; status: number };
  /** The user wants to try again after an error. */
  resumes?: boolean;
}

export interface TabEvents {
  /** Called when this tab starts or stops following, or the others want other media. */
  onTurn: () => void;
  /** Called when another tab wants these media, of which it has no states yet. */
  onWants: (ids: string[]) => void;
  onNews: (news: News) => void;
}

interface Message {
  from: string;
  /** Ids of all media that the sender wants followed. */
  wants?: string[];
  /** The sender follows now, and asks the others for their ids. */
  asks?: boolean;
  news?: News;
}

export class Tabs {
  readonly #id = randomId();
  readonly #name: string;
  readonly #events: TabEvents;
  readonly #channel: BroadcastChannel;
  readonly #wants = new Map<string, string[]>();
  #own: readonly string[] = [];
  #isLeading = false;
  #isTaking = false;
  #isClosed = false;
  /** After the page has been left, WebKit refuses it every lock at once. Asking in a loop would block the next page. */
  #isLeft = false;
  #waiting = new AbortController();
  #leave = () => {};

  /** @param name the same in all tabs of one user, and in no others. It changes when messages do: the page of an older release may be open. */
  constructor(name: string, events: TabEvents) {
    this.#name = name;
    this.#events = events;
    this.#channel = new BroadcastChannel(name);
    this.#channel.onmessage = ({ data }: MessageEvent<Message>) => this.#take(data);
    document.addEventListener('visibilitychange', this.#takeTurn);
    addEventListener('pagehide', this.#goAway);
    addEventListener('pageshow', this.#comeBack);
    void this.#waitForTurn();
    this.#takeTurn();
  }

  /** True if this tab follows the media of all. */
  get isLeading(): boolean {
    return this.#isLeading;
  }

  get wantedByOthers(): string[] {
    return [...this.#wants.values()].flat();
  }

  /** Sets the media that this tab wants followed. */
  want(ids: readonly string[]): void {
    if (ids.join() === this.#own.join()) return;
    this.#own = ids;
    this.#post({ wants: [...ids] });
  }

  tell(news: News): void {
    this.#post({ news });
  }

  close(): void {
    this.#goAway();
    this.#isClosed = true;
    this.#waiting.abort();
    this.#leave();
    this.#channel.close();
    document.removeEventListener('visibilitychange', this.#takeTurn);
    removeEventListener('pagehide', this.#goAway);
    removeEventListener('pageshow', this.#comeBack);
  }

  /** Starts following when the tab that does so now is closed. */
  async #waitForTurn(): Promise<void> {
    const waiting = new AbortController();
    this.#waiting = waiting;
    await this.#lead({ signal: waiting.signal });
    if (!waiting.signal.aborted) this.#endTurn();
  }

  /** The tab in front follows: browsers may suspend those behind it. */
  readonly #takeTurn = (): void => {
    if (this.#isLeading || this.#isTaking || document.visibilityState !== 'visible') return;
    this.#isTaking = true;
    this.#waiting.abort();
    void this.#lead({ steal: true }).then(() => this.#endTurn());
  };

  /** Resolves when this tab stops leading, or its wait was aborted. */
  async #lead(options: LockOptions): Promise<void> {
    const hold = () =>
      new Promise<void>((resolve) => {
        this.#leave = resolve;
        this.#isTaking = false;
        this.#isLeading = true;
        this.#post({ asks: true });
        this.#events.onTurn();
      });
    this.#isLeft = false;
    await navigator.locks.request(this.#name, options, hold).catch((error: Error) => {
      // Site data is blocked. No tab gets a lock then, and each follows for itself.
      if (error.name === 'SecurityError') return hold();
      this.#isLeft = error.name !== 'AbortError';
      return undefined;
    });
  }

  #endTurn(): void {
    this.#isTaking = false;
    this.#isLeading = false;
    if (this.#isClosed) return;
    this.#events.onTurn();
    if (!this.#isLeft) void this.#waitForTurn();
  }

  readonly #goAway = () => this.#post({ wants: [] });
  readonly #tellWants = () => this.#post({ wants: [...this.#own] });
  readonly #comeBack = () => {
    this.#tellWants();
    if (this.#isLeft) this.#takeTurn();
  };

  #post(message: Omit<Message, 'from'>): void {
    if (!this.#isClosed)
      this.#channel.postMessage({ from: this.#id, ...message } satisfies Message);
  }

  #take({ from, wants, asks, news }: Message): void {
    if (asks) this.#tellWants();
    if (wants) {
      this.#wants.set(from, wants);
      if (this.#isLeading) this.#events.onWants(wants);
      this.#events.onTurn();
    }
    if (news) this.#events.onNews(news);
  }
}
