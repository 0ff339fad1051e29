import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { newUpload, type Positioned, type Upload } from './list.ts';
import { openUploadTabs, type UploadTabs } from './tabs.ts';

/** Channels of a browser hear each other, and not themselves. */
class Channel {
  static all: Channel[] = [];
  static messages: (() => void)[] = [];
  onmessage: (event: { data: unknown }) => void = () => {};

  constructor() {
    Channel.all.push(this);
  }

  postMessage(data: unknown): void {
    const others = Channel.all.filter((each) => each !== this);
    Channel.messages.push(...others.map((each) => () => each.onmessage({ data })));
  }

  close(): void {
    Channel.all = Channel.all.filter((each) => each !== this);
  }
}

const { BroadcastChannel } = globalThis;
beforeEach(() => {
  jest.useFakeTimers();
  Object.assign(globalThis, { BroadcastChannel: Channel });
});
afterEach(() => {
  jest.useRealTimers();
  Channel.all = [];
  Channel.messages = [];
  Object.assign(globalThis, { BroadcastChannel });
});

const item = (key: string, state: Upload['state']): Upload => ({
  ...newUpload(key, new File([], key), {}),
  state,
});

/** A tab, and the files that it sends. */
function openTab(tab: string, own: Upload[] = []) {
  const placed = (upload: Upload): Positioned => ({ upload, chosenAt: 0, position: 0 });
  const tabs = openUploadTabs('me', tab, {
    tell: () => ({ items: own.map(placed), secondsLeft: null }),
    onChange: () => {},
    onCommand: () => {},
    onTab: () => {},
  });
  return { tabs, own };
}

/** @param look called after each message, when the page is drawn */
function deliver(look = () => {}): void {
  for (let next = Channel.messages.shift(); next; next = Channel.messages.shift()) {
    next();
    look();
  }
}

const keysOf = (tabs: UploadTabs) => tabs.items().map(({ upload }) => upload.key);

test('what a tab takes over from one that is gone is its own, and nothing else of that stays', () => {
  const [refused, unreadable] = [item('refused', 'rejected'), item('unreadable', 'rejected')];
  const gone = openTab('gone', [refused, unreadable]);
  const here = openTab('here');
  deliver();
  expect(keysOf(here.tabs)).toEqual(['refused', 'unreadable']);
  gone.tabs.close();
  here.own.push(refused);
  here.tabs.tellNow();
  here.tabs.leave('gone');
  here.own.pop();
  expect(keysOf(here.tabs)).toEqual([]);
});

test('what a tab has kept over a reload is not absent in the others meanwhile, nor there twice', () => {
  const [refused, unreadable] = [item('refused', 'rejected'), item('unreadable', 'rejected')];
  const before = openTab('before', [refused, unreadable]);
  const here = openTab('here');
  deliver();
  before.tabs.close();
  openTab('after', [refused]);
  deliver(() => expect(keysOf(here.tabs)).toContain('refused'));
  expect(keysOf(here.tabs).sort()).toEqual(['refused', 'unreadable']);
  here.tabs.leave('before');
  expect(keysOf(here.tabs)).toEqual(['refused']);
});
