/**
 * One event stream for all tabs of a browser. HTTP/1.1 has six connections to a host: with a stream for each tab, the seventh tab
 * would not load. One tab holds a Web Lock and follows the media of all. A BroadcastChannel brings the news to the others.
 */
import type { Media } from '../client/index.ts';
import { randomId } from '../client/older-browsers.ts';

/** Ids, and the states of those that are new, sent just now, or back from the bin. */
export interface News {
  media?: Media[];
  created?: string[];
  gone?: string[];
  back?: string[];
}

interface TabEvents {
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
  /** True if this tab follows the media of all. */
  isLeading = false;
  readonly #id = randomId();
  readonly #name: string;
  readonly #events: TabEvents;
  readonly #channel: BroadcastChannel;
  readonly #wants = new Map<string, string[]>();
  readonly #closing = new AbortController();
  #own: readonly string[] = [];
  #waiting = new AbortController();
  /** True while it takes the turn of another tab: a second try would end the first one. */
  #isTaking = false;

  constructor(name: string, events: TabEvents) {
    this.#name = name;
    this.#events = events;
    this.#channel = new BroadcastChannel(name);
    this.#channel.onmessage = ({ data }: MessageEvent<Message>) => this.#take(data);
    const look = () => void this.#lead();
    document.addEventListener('visibilitychange', look, { signal: this.#closing.signal });
    look();
  }

  get wantedByOthers(): string[] {
    return [...this.#wants.values()].flat();
  }

  want(ids: readonly string[]): void {
    if (ids.join() === this.#own.join()) return;
    this.#own = ids;
    this.#post({ wants: [...ids] });
  }

  tell(news: News): void {
    this.#post({ news });
  }

  close(): void {
    this.#waiting.abort();
    this.#closing.abort();
    this.#channel.close();
  }

  /** The tab in front follows: browsers may suspend those behind it. The others wait until no tab does. */
  async #lead(steal = document.visibilityState === 'visible'): Promise<void> {
    if (this.isLeading || this.#isTaking) return;
    this.#isTaking = steal;
    this.#waiting.abort();
    const waiting = new AbortController();
    this.#waiting = waiting;
    const { signal } = this.#closing;
    const hold = () =>
      new Promise<void>((resolve) => {
        this.#isTaking = false;
        signal.addEventListener('abort', () => resolve());
        if (signal.aborted) resolve();
        else this.#turn(true);
      });
    try {
      await navigator.locks.request(
        this.#name,
        steal ? { steal } : { signal: waiting.signal },
        hold,
      );
    } catch (error) {
      if (waiting.signal.aborted) return;
      this.#isTaking = false;
      const isStolen = error instanceof Error && error.name === 'AbortError';
      // Where a browser gives no locks, as with blocked site data, each tab follows for itself.
      this.#turn(!isStolen);
      if (isStolen) void this.#lead(false);
    }
  }

  #turn(isLeading: boolean): void {
    this.isLeading = isLeading;
    if (isLeading) this.#post({ asks: true });
    this.#events.onTurn();
  }

  #post(message: Omit<Message, 'from'>): void {
    if (this.#closing.signal.aborted) return;
    this.#channel.postMessage({ from: this.#id, ...message } satisfies Message);
  }

  #take({ from, wants, asks, news }: Message): void {
    if (asks) this.#post({ wants: [...this.#own] });
    if (wants) {
      this.#wants.set(from, wants);
      if (this.isLeading) this.#events.onWants(wants);
      this.#events.onTurn();
    }
    if (news) this.#events.onNews(news);
  }
}
