/** Shows how far a batch is to a user who looks elsewhere: in the tab's title and, if they wish, by a notification. */
import { useEffect, useRef, useState } from 'react';
import { Button } from '../../components/base/button.tsx';
import { BellIcon } from '../../components/view/view-icons.tsx';
import { useWords } from '../../components/words/index.ts';
import type { BatchSummary } from '../../hooks/index.ts';
import { readList, writeList } from '../library/remembered-list.ts';
import { registerWorker } from '../shell/install.ts';

const KEY = 'media-analysis-notify';

const en = {
  /** How many files of a batch have ended. */
  ended: (ended: number, total: number) => `${ended} of ${total}`,
  done: 'Done',
  notify: 'Notify me when done',
  allEnded: 'Your files are done',
};
const ja: typeof en = {
  ended: (ended, total) => `${total}件中${ended}件`,
  done: '完了',
  notify: '終わったら通知',
  allEnded: 'ファイルの処理が終わりました',
};

export function Notices({ batch }: { batch: BatchSummary }) {
  const { appName, language, summary } = useWords();
  const words = language === 'ja' ? ja : en;
  const [isOn, setIsOn] = useState(wantsNotices);
  // Asking the browser stops the page for a moment, so it is not done with each result.
  const [isOffered, setIsOffered] = useState(mayNotify);
  const { ready, failed, total } = batch;
  const isDone = ready + failed === total;
  const start = isDone ? words.done : words.ended(ready + failed, total);
  useEffect(() => {
    document.title = `${start} · ${appName}`;
    return () => {
      document.title = appName;
    };
  }, [start, appName]);
  // A small batch may end before this part is loaded.
  const wasDone = useRef(false);
  const text = summary(batch);
  useEffect(() => {
    const hasEnded = isDone && !wasDone.current;
    wasDone.current = isDone;
    // A user who looks at the page sees it.
    if (hasEnded && isOn && !document.hasFocus()) void notify(words.allEnded, text);
  }, [isDone, isOn, words, text]);

  const change = async (next: boolean) => {
    const isAllowed = next && (await Notification.requestPermission()) === 'granted';
    setIsOn(isAllowed);
    setIsOffered(mayNotify());
    writeList(KEY, isAllowed ? ['on'] : []);
  };
  if (isDone || !isOffered) return null;
  return (
    <Button kind="icon" label={words.notify} aria-pressed={isOn} onClick={() => void change(!isOn)}>
      <BellIcon isOn={isOn} />
    </Button>
  );
}

/** False if the browser has no notifications, or the user has forbidden them to this page. */
const mayNotify = () =>
  isSecureContext && 'Notification' in globalThis && Notification.permission !== 'denied';

const wantsNotices = () =>
  mayNotify() && Notification.permission === 'granted' && readList(KEY).includes('on');

async function notify(title: string, body: string): Promise<void> {
  // A later notification replaces the one before.
  const options = { body, tag: 'media-analysis' };
  try {
    const notification = new Notification(title, options);
    notification.onclick = () => {
      focus();
      notification.close();
    };
  } catch {
    // In Chrome on Android, only a service worker may show one.
    const registration = await registerWorker(navigator.serviceWorker);
    await registration.showNotification(title, options);
  }
}
