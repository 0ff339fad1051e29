/** Says that some of the chosen files are here already. They are sent only if the user wants both. */
import type { RefObject } from 'react';
import { Button } from '../../components/base/button.tsx';
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
  /** Gets the focus when the notice disappears. */
  region: RefObject<HTMLElement | null>;
  onAnswer: (isKept: boolean) => void;
  onOpen: (id: string) => void;
}

export function SameFilesNotice({ same, region, onAnswer, onOpen }: SameFilesNoticeProps) {
  const words = useWords().language === 'ja' ? ja : en;
  const only = same.length === 1 ? same[0] : undefined;
  const id = only?.id;
  const answer = (isKept: boolean) => {
    keepFocus(region.current);
    onAnswer(isKept);
  };
  return (
    <section className="ma-many-undo ma-same-files">
      <p role="status">{only ? words.one(only.file.name) : words.many(same.length)}</p>
      <Button onClick={() => answer(true)}>{words.keep}</Button>
      <Button onClick={() => answer(false)}>{words.leave}</Button>
      {id !== undefined && <Button onClick={() => onOpen(id)}>{words.show}</Button>}
    </section>
  );
}
