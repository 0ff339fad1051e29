/**
 * One event stream for all tabs of a browser. HTTP/1.1 has six connections to a host: with a stream for each tab, the seventh tab
 * would not load. One tab holds a Web Lock and follows the media of all. A BroadcastChannel brings the news to the others.
 */
import type { Media } from '../client/index.ts';
import { randomId } from '../client/older-browsers.ts';

/** News for other tabs: new states, and ids of media that were created, deleted or brought back. */
export interface News {
  media?: Media[];
  created?: string[];
  gone?: string[];
  back?: string[];
}

interface TabEvents {
  /** Called when this tab starts or stops following, or when the other tabs want other media. */
  onTurn: () => void;
  /** Called when another tab wants these media and has no states of them yet. */
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

export type Tabs = ReturnType<typeof openTabs>;

export function openTabs(name: string, { onTurn, onWants, onNews }: TabEvents) {
  const own = randomId();
  const wanted = new Map<string, string[]>();
  const closing = new AbortController();
  const { signal } = closing;
  let isLeading = false;
  let ids: readonly string[] = [];
  let waiting = new AbortController();
  /** True while this tab takes the turn of another tab: a second try would end the first. */
  let isTaking = false;
  const channel = new BroadcastChannel(name);
  channel.onmessage = ({ data: { from, wants, asks, news } }: MessageEvent<Message>) => {
    if (asks) post({ wants: [...ids] });
    if (wants) {
      wanted.set(from, wants);
      if (isLeading) onWants(wants);
      onTurn();
    }
    if (news) onNews(news);
  };
  const look = () => void lead(document.visibilityState === 'visible');
  document.addEventListener('visibilitychange', look, { signal });
  look();

  /** The visible tab follows, because browsers may suspend hidden tabs. The others wait until no tab follows. */
  async function lead(steal: boolean): Promise<void> {
    if (isLeading || isTaking) return;
    isTaking = steal;
    waiting.abort();
    const turn = new AbortController();
    waiting = turn;
    const hold = () =>
      new Promise<void>((resolve) => {
        isTaking = false;
        signal.addEventListener('abort', () => resolve());
        if (signal.aborted) resolve();
        else take(true);
      });
    try {
      await navigator.locks.request(name, steal ? { steal } : { signal: turn.signal }, hold);
    } catch (error) {
      if (turn.signal.aborted) return;
      isTaking = false;
      const isStolen = error instanceof Error && error.name === 'AbortError';
      // If a browser gives no locks, as with blocked site data, each tab follows for itself.
      take(!isStolen);
      if (isStolen) void lead(false);
    }
  }

  function take(leads: boolean): void {
    isLeading = leads;
    if (leads) post({ asks: true });
    onTurn();
  }

  function post(message: Omit<Message, 'from'>): void {
    if (!signal.aborted) channel.postMessage({ from: own, ...message } satisfies Message);
  }

  return {
    /** True if this tab follows the media of all. */
    isLeading: () => isLeading,
    wantedByOthers: () => [...wanted.values()].flat(),
    want(wants: readonly string[]): void {
      if (wants.join() === ids.join()) return;
      ids = wants;
      post({ wants: [...ids] });
    },
    tell: (news: News) => post({ news }),
    close(): void {
      waiting.abort();
      closing.abort();
      channel.close();
    },
  };
}
