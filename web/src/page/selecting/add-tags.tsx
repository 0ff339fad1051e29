/** Adds tags to each of the selected media. */
import { type FormEvent, useId, useState } from 'react';
import { useWords } from '../../components/words/index.ts';
import { PageDialog } from '../shell/page-dialog.tsx';
import { problemOf, tagsOf } from '../viewing/edit-words.tsx';
import { manyWordsFor } from './many-words.ts';

interface AddTagsProps {
  onAdd: (tags: readonly string[]) => void;
  onClose: () => void;
}

export function AddTags({ onAdd, onClose }: AddTagsProps) {
  const words = manyWordsFor(useWords().language);
  const id = useId();
  const [problem, setProblem] = useState<string>();
  const add = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const tags = tagsOf(String(new FormData(event.currentTarget).get('tags')), []);
    const wrong = problemOf(tags, words);
    setProblem(wrong);
    if (wrong) return event.currentTarget.querySelector('input')?.focus();
    onClose();
    if (tags.length > 0) onAdd(tags);
  };
  return (
    <PageDialog className="ma-options" title={words.addTags} onClose={onClose}>
      <form className="ma-add-tags" onSubmit={add}>
        <label className="ma-ask-field">
          {words.tags}
          <input
            name="tags"
            className="ma-ask-input"
            aria-describedby={`${id}-problem ${id}-hint`}
            aria-invalid={problem !== undefined}
            // biome-ignore lint/a11y/noAutofocus: the dialog was just opened by a press
            autoFocus
          />
          <span id={`${id}-hint`}>{words.tagsHint}</span>
        </label>
        {problem && (
          <p id={`${id}-problem`} className="ma-many-problem" role="alert">
            {problem}
          </p>
        )}
        <button type="submit" className="ma-button" data-kind="primary">
          {words.addTags}
        </button>
      </form>
    </PageDialog>
  );
}
