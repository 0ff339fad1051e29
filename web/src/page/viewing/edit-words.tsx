/** In the full view: a title and tags of one's own in place of the model's. */
import { MAX_TITLE } from '@media-analysis/shared/edit-limits';
import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from 'react';
import type { EditMedia, Media } from '../../client/index.ts';
import { ErrorNotice } from '../../components/base/error-notice.tsx';
import { EditIcon } from '../../components/view/view-icons.tsx';
import { commaIn, useWords } from '../../components/words/index.ts';
import { useLibrary } from '../../hooks/index.ts';
import { manyWordsFor } from '../selecting/many-words.ts';
import type { Failure } from '../shell/use-acts.ts';
import { problemOf, tagsOf } from './edit-tags.ts';

interface Written {
  title: string;
  tags: string;
}

interface Draft {
  /** What the form began with: the media may change while a person writes. */
  from: Written;
  written: Written;
}

/** What is not saved, by media: who closes the full view, or turns to the next one, finds it there again. */
const drafts = new Map<string, Draft>();

interface EditWordsProps {
  media: Media;
  /** It could not be saved, and the full view is closed already. */
  onLate: (failure: Failure) => void;
}

export function EditWords({ media, onLate }: EditWordsProps) {
  const { language } = useWords();
  const words = manyWordsFor(language);
  const { edit } = useLibrary();
  /** Absent: the form is closed. */
  const [draft, setDraft] = useState(() => drafts.get(media.id));
  const isOpen = draft !== undefined;
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const [problem, setProblem] = useState<string>();
  const tagsField = useRef<HTMLInputElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const { id, analytics, edits } = media;
  const title = analytics?.title ?? edits?.title ?? '';
  const tags = (analytics?.tags ?? edits?.tags ?? []).join(commaIn(language));
  const close = () => {
    drafts.delete(id);
    setDraft(undefined);
    setError(undefined);
    setProblem(undefined);
  };
  // What was pressed disappears with the form.
  useEffect(() => {
    if (isOpen) return () => opener.current?.focus();
    return undefined;
  }, [isOpen]);
  const isShown = useRef(true);
  useEffect(() => {
    isShown.current = true;
    return () => {
      isShown.current = false;
    };
  }, []);
  const send = async (change: EditMedia) => {
    setIsBusy(true);
    setError(undefined);
    const work = () => edit(id, change).then(() => void drafts.delete(id));
    await work().then(close, (reason: unknown) => {
      if (isShown.current) setError(reason);
      else onLate({ kind: 'edit', id, error: reason, work });
    });
    setIsBusy(false);
  };
  const save = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const written = writtenIn(event.currentTarget);
    const change: EditMedia = {
      ...(written.title !== draft?.from.title && {
        title: written.title === '' ? null : written.title,
      }),
      ...(written.tags !== draft?.from.tags && { tags: tagsOf(written.tags) }),
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
      <>
        {error !== undefined && <ErrorNotice error={error} />}
        <button
          ref={opener}
          type="button"
          className="ma-button"
          data-kind="icon"
          title={words.edit}
          onClick={() => setDraft({ from: { title, tags }, written: { title, tags } })}
        >
          <EditIcon />
        </button>
        {edits && <p className="ma-muted">{words.edited}</p>}
      </>
    );
  }
  return (
    <form
      className="ma-many-edit"
      onSubmit={save}
      onKeyDown={leave}
      onInput={({ currentTarget }) =>
        drafts.set(id, { from: draft.from, written: writtenIn(currentTarget) })
      }
    >
      {error !== undefined && <ErrorNotice error={error} />}
      <label>
        {words.title}
        {/* biome-ignore lint/a11y/noAutofocus: the form was just opened by a press */}
        <input name="title" defaultValue={draft.written.title} maxLength={MAX_TITLE} autoFocus />
      </label>
      <label>
        {words.tags}
        <input
          ref={tagsField}
          name="tags"
          defaultValue={draft.written.tags}
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

function writtenIn(form: HTMLFormElement): Written {
  const data = new FormData(form);
  return { title: String(data.get('title')).trim(), tags: String(data.get('tags')) };
}
