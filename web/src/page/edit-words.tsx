/** In the full view: a title and tags of one's own in place of the model's. */
import { MAX_TITLE } from '@media-analysis/shared/edit-limits';
import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from 'react';
import type { EditMedia, Media } from '../client/index.ts';
import { ErrorNotice } from '../components/error-notice.tsx';
import { commaIn, useWords } from '../components/words/index.ts';
import { useLibrary } from '../hooks/index.ts';
import { problemOf, tagsOf } from './edit-tags.ts';
import { manyWordsFor } from './many-words.ts';

export function EditWords({ media }: { media: Media }) {
  const { language } = useWords();
  const words = manyWordsFor(language);
  const { edit } = useLibrary();
  const [isOpen, setIsOpen] = useState(false);
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const [problem, setProblem] = useState<string>();
  const tagsField = useRef<HTMLInputElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const { id, analytics, edits } = media;
  const title = analytics?.title ?? edits?.title ?? '';
  const tags = (analytics?.tags ?? edits?.tags ?? []).join(commaIn(language));
  const close = () => {
    setIsOpen(false);
    setError(undefined);
    setProblem(undefined);
  };
  // What was pressed disappears with the form.
  useEffect(() => {
    if (isOpen) return () => opener.current?.focus();
    return undefined;
  }, [isOpen]);
  const send = async (change: EditMedia) => {
    setIsBusy(true);
    setError(undefined);
    await edit(id, change).then(close, setError);
    setIsBusy(false);
  };
  const save = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const written = { title: String(form.get('title')).trim(), tags: String(form.get('tags')) };
    const change: EditMedia = {
      ...(written.title !== title && { title: written.title === '' ? null : written.title }),
      ...(written.tags !== tags && { tags: tagsOf(written.tags) }),
    };
    const wrong = problemOf(change.tags ?? [], words);
    setProblem(wrong);
    if (wrong !== undefined) tagsField.current?.focus();
    else if (Object.keys(change).length === 0) close();
    else void send(change);
  };
  // Escape ends the writing, and not the full view around it. Of an input method it only takes back a word.
  const leave = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || event.nativeEvent.isComposing) return;
    event.preventDefault();
    close();
  };
  if (!isOpen) {
    return (
      <div className="ma-many-edit">
        {edits && <p className="ma-muted">{words.edited}</p>}
        <button ref={opener} type="button" className="ma-button" onClick={() => setIsOpen(true)}>
          {words.edit}
        </button>
      </div>
    );
  }
  return (
    <form className="ma-many-edit" onSubmit={save} onKeyDown={leave}>
      {error !== undefined && <ErrorNotice error={error} />}
      <label>
        {words.title}
        {/* biome-ignore lint/a11y/noAutofocus: the form was just opened by a press */}
        <input name="title" defaultValue={title} maxLength={MAX_TITLE} autoFocus />
      </label>
      <label>
        {words.tags}
        <input
          ref={tagsField}
          name="tags"
          defaultValue={tags}
          aria-describedby="many-tags-problem many-tags-hint"
          aria-invalid={problem !== undefined}
        />
        <span id="many-tags-hint" className="ma-muted">
          {words.tagsHint}
        </span>
      </label>
      {problem !== undefined && (
        <p id="many-tags-problem" className="ma-many-problem" role="alert">
          {problem}
        </p>
      )}
      <div className="ma-many-edit-buttons">
        <button type="submit" className="ma-button" data-kind="primary" disabled={isBusy}>
          {words.save}
        </button>
        <button type="button" className="ma-button" onClick={close}>
          {words.cancel}
        </button>
        {edits && (
          <button
            type="button"
            className="ma-button"
            disabled={isBusy}
            onClick={() => void send({ title: null, tags: null })}
          >
            {words.models}
          </button>
        )}
      </div>
    </form>
  );
}
