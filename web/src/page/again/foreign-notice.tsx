/** Says once, and not on each card, that some media are described in another language than that of the page. */
import { useState } from 'react';
import type { Media } from '../../client/index.ts';
import { Button } from '../../components/base/button.tsx';
import { CloseIcon } from '../../components/base/icons.tsx';
import { baseOf, isForeign, useWords } from '../../components/words/index.ts';
import { readList, writeList } from '../library/remembered-list.ts';
import { AgainDialog, OpenButton } from './again.tsx';
import { againWordsFor } from './again-words.ts';

/** The languages of the page for which the user closed the notice. */
const KEY = 'media-analysis-foreign';

/** @param props.media The loaded media. */
export function ForeignNotice({ media }: { media: readonly Media[] }) {
  const { language } = useWords();
  const words = againWordsFor(language);
  const [left, setLeft] = useState(() => readList(KEY));
  const own = baseOf(language);
  const described = media.find((each) => isForeign(each, language))?.analytics?.language;
  const [isOpen, setIsOpen] = useState(false);
  const leave = () => {
    setLeft([...left, own]);
    writeList(KEY, [...left, own]);
  };
  return (
    <>
      {described !== undefined && !left.includes(own) && (
        <section className="ma-foreign">
          <p>{words.foreign(described)}</p>
          <OpenButton label={words.openInLanguage} onOpen={() => setIsOpen(true)} />
          <Button kind="icon" label={words.leaveForeign} onClick={leave}>
            <CloseIcon />
          </Button>
        </section>
      )}
      {/* Stays when the notice goes: the last media is described again. */}
      {isOpen && <AgainDialog language={own} onClose={() => setIsOpen(false)} />}
    </>
  );
}
