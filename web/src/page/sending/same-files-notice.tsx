/** Says that some of the chosen files are here already. They are not sent before somebody wants both. */
import type { RefObject } from 'react';
import { keepFocus } from '../../components/base/keep-focus.ts';
import { useWords } from '../../components/words/index.ts';
import type { SameFile } from './same-files.ts';

const en = {
  one: (name: string) => `“${name}” is already here.`,
  many: (count: number) => `${count} of these are already here.`,
  keep: 'Keep both',
  leave: 'Leave out',
  show: 'Show it',
};
const ja: typeof en = {
  one: (name) => `「${name}」はすでにあります。`,
  many: (count) => `${count}件はすでにあります。`,
  keep: '両方残す',
  leave: '追加しない',
  show: '表示',
};

interface SameFilesNoticeProps {
  same: readonly SameFile[];
  /** Has the focus when the notice is gone. */
  region: RefObject<HTMLElement | null>;
  /** @param isKept They are to be sent. */
  onAnswer: (isKept: boolean) => void;
  onOpen: (id: string) => void;
}

export function SameFilesNotice({ same, region, onAnswer, onOpen }: SameFilesNoticeProps) {
  const { language } = useWords();
  const words = language === 'ja' ? ja : en;
  const [first] = same;
  const id = same.length === 1 ? first?.id : undefined;
  const answer = (isKept: boolean) => {
    keepFocus(region.current);
    onAnswer(isKept);
  };
  return (
    <section className="ma-many-undo">
      <p role="status">
        {same.length === 1 ? words.one(first?.file.name ?? '') : words.many(same.length)}
      </p>
      <button type="button" className="ma-button" data-kind="primary" onClick={() => answer(true)}>
        {words.keep}
      </button>
      <button type="button" className="ma-button" onClick={() => answer(false)}>
        {words.leave}
      </button>
      {id !== undefined && (
        <button type="button" className="ma-button" onClick={() => onOpen(id)}>
          {words.show}
        </button>
      )}
    </section>
  );
}
