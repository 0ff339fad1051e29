/** In the full view: a title and tags of one's own in place of the model's. */
import { MAX_TAG, MAX_TAGS, MAX_TITLE } from '@media-analysis/shared/edit-limits';
import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from 'react';
import type { EditMedia, Media } from '../../client/index.ts';
import { ErrorNotice } from '../../components/base/error-notice.tsx';
import { Button, EditIcon } from '../../components/view/view-icons.tsx';
import { commaIn, useWords } from '../../components/words/index.ts';
import { useLibrary } from '../../hooks/index.ts';
import { manyWordsFor } from '../selecting/many-words.ts';
import type { Failure } from '../shell/use-acts.ts';

type Written = Record<'title' | 'tags', string>;

/** `from` is what the form began with: the media may change while a person writes. */
type Draft = Record<'from' | 'written', Written>;

/** What is not saved, by media: who closes the full view, or turns to the next one, finds it there again. */
const drafts = new Map<string, Draft>();

interface EditWordsProps {
  media: Media;
  /** It could not be saved, and the full view is closed already. */
  onLate: (failure: Failure) => void;
}

export function EditWords({ media: { id, analytics, edits }, onLate }: EditWordsProps) {
  const { language } = useWords();
  const words = manyWordsFor(language);
  const { edit } = useLibrary();
  /** Absent: the form is closed. */
  const [draft, setDraft] = useState(() => drafts.get(id));
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const [problem, setProblem] = useState<string>();
  const opener = useRef<HTMLButtonElement>(null);
  const isShown = useRef(true);
  useEffect(() => {
    isShown.current = true;
    return () => {
      isShown.current = false;
    };
  }, []);
  // What was pressed disappears with the form.
  useEffect(() => (draft ? () => opener.current?.focus() : undefined), [draft]);
  const open = () => {
    const title = analytics?.title ?? edits?.title ?? '';
    const tags = (analytics?.tags ?? edits?.tags ?? []).join(commaIn(language));
    setDraft({ from: { title, tags }, written: { title, tags } });
  };
  const close = () => {
    drafts.delete(id);
    setDraft(undefined);
    setError(undefined);
    setProblem(undefined);
  };
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
    const { title, tags } = writtenIn(event.currentTarget);
    const change: EditMedia = {
      ...(title !== draft?.from.title && { title: title || null }),
      ...(tags !== draft?.from.tags && { tags: tagsOf(tags) }),
    };
    const wrong = problemOf(change.tags ?? [], words);
    setProblem(wrong);
    if (wrong) event.currentTarget.querySelector<HTMLElement>('[name=tags]')?.focus();
    else if (Object.keys(change).length === 0) close();
    else void send(change);
  };
  // Escape ends the writing, and not the full view around it. Of an input method it only takes back a word.
  const leave = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || event.nativeEvent.isComposing) return;
    event.preventDefault();
    close();
  };
  const notice = error !== undefined && <ErrorNotice error={error} />;
  if (!draft) {
    return (
      <>
        {notice}
        <button
          ref={opener}
          type="button"
          className="ma-button"
          data-kind="icon"
          title={words.edit}
          onClick={open}
        >
          <EditIcon />
        </button>
        {edits && <p className="ma-muted">{words.edited}</p>}
      </>
    );
  }
  const { from, written } = draft;
  return (
    <form
      className="ma-many-edit"
      onSubmit={save}
      onKeyDown={leave}
      onInput={({ currentTarget }) => drafts.set(id, { from, written: writtenIn(currentTarget) })}
    >
      {notice}
      <label>
        {words.title}
        {/* biome-ignore lint/a11y/noAutofocus: the form was just opened by a press */}
        <input name="title" defaultValue={written.title} maxLength={MAX_TITLE} autoFocus />
      </label>
      <label>
        {words.tags}
        <input
          name="tags"
          defaultValue={written.tags}
          aria-describedby="many-tags-problem many-tags-hint"
          aria-invalid={problem !== undefined}
        />
        <span id="many-tags-hint" className="ma-muted">
          {words.tagsHint}
        </span>
      </label>
      {problem && (
        <p id="many-tags-problem" className="ma-many-problem" role="alert">
          {problem}
        </p>
      )}
      <div className="ma-many-edit-buttons">
        <Button type="submit" data-kind="primary" disabled={isBusy}>
          {words.save}
        </Button>
        <Button onClick={close}>{words.cancel}</Button>
        {edits && (
          <Button disabled={isBusy} onClick={() => void send({ title: null, tags: null })}>
            {words.models}
          </Button>
        )}
      </div>
    </form>
  );
}

function writtenIn(form: HTMLFormElement): Written {
  const data = new FormData(form);
  return { title: String(data.get('title')).trim(), tags: String(data.get('tags')) };
}

/** Also with the commas of Japanese. */
export function tagsOf(text: string): string[] {
  const tags = text.split(/[,、，]/).map((tag) => tag.trim());
  return [...new Set(tags)].filter((tag) => tag !== '');
}

/** What is wrong with tags, in words: said before the server refuses them. */
export function problemOf(
  tags: readonly string[],
  { tagTooLong, tooManyTags }: ReturnType<typeof manyWordsFor>,
): string | undefined {
  const long = tags.find((tag) => tag.length > MAX_TAG);
  // Enough of it to find it again in the field.
  if (long !== undefined) return tagTooLong(`${[...long].slice(0, 24).join('')}…`, MAX_TAG);
  return tags.length > MAX_TAGS ? tooManyTags(tags.length, MAX_TAGS) : undefined;
}
