/** Once for all, and not on each card: some of what is shown is described in another language than that of the page. */
import { useState } from 'react';
import type { Media } from '../../client/index.ts';
import { SparkIcon } from '../../components/base/icons.tsx';
import { baseOf, isForeign, useWords } from '../../components/words/index.ts';
import { readList, writeList } from '../library/remembered-list.ts';
import { AgainDialog } from './again.tsx';
import { againWordsFor } from './again-words.ts';

/** The languages of the page for which it is not wanted any more. */
const KEY = 'media-analysis-foreign';
// It throws where the browser's settings forbid it.
const browserStorage = () => globalThis.localStorage;

interface ForeignNoticeProps {
  /** Whether it is on a page of its own, and not in an app. */
  isPage: boolean;
  /** Those that are loaded. */
  media: readonly Media[];
}

export function ForeignNotice({ isPage, media }: ForeignNoticeProps) {
  const { language } = useWords();
  const words = againWordsFor(language);
  const [left, setLeft] = useState(() => readList(KEY, browserStorage));
  const own = baseOf(language);
  const described = media.find((each) => isForeign(each, language))?.analytics?.language;
  const [isOpen, setIsOpen] = useState(false);
  const leave = () => {
    setLeft([...left, own]);
    writeList(KEY, [...left, own], browserStorage);
  };
  return (
    <>
      {described !== undefined && !left.includes(own) && (
        <section className="ma-foreign">
          <p>{words.foreign(described)}</p>
          <button type="button" className="ma-button" onClick={() => setIsOpen(true)}>
            <SparkIcon />
            {words.openInLanguage}
          </button>
          <button type="button" className="ma-button" onClick={leave}>
            {words.leaveForeign}
          </button>
        </section>
      )}
      {/* It stays until the last of them is described again. */}
      {isOpen && <AgainDialog {...{ isPage }} language={own} onClose={() => setIsOpen(false)} />}
    </>
  );
}
