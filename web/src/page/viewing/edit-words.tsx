/** In the full view: the user's own title, summary and tags, in place of the model's. */
import { MAX_SUMMARY, MAX_TAG, MAX_TAGS, MAX_TITLE } from '@media-analysis/shared/edit-limits';
import { withoutUnseen } from '@media-analysis/shared/local-models';
import { type FormEvent, type KeyboardEvent, useRef, useState } from 'react';
import type { EditMedia, Media } from '../../client/index.ts';
import { Button } from '../../components/base/button.tsx';
import { ErrorNotice } from '../../components/base/error-notice.tsx';
import { commaIn, useWords } from '../../components/words/index.ts';
import { useLabel } from '../../components/words/view.ts';
import { useLibrary } from '../../hooks/index.ts';
import { manyWordsFor } from '../selecting/many-words.ts';
import type { Failure } from '../shell/use-acts.ts';

type Written = Record<'title' | 'summary' | 'tags', string>;

/**
 * Unsaved texts by media: a user who closes the full view, or turns to the next media, finds them again. `from` is what
 * the form began with: the media may change while the user writes.
 */
export const drafts = new Map<string, Record<'from' | 'written', Written>>();

interface EditWordsProps {
  media: Media;
  onClose: () => void;
  /** Called if saving failed after the form was closed. */
  onLate: (failure: Failure) => void;
}

export function EditWords({ media, onClose, onLate }: EditWordsProps) {
  const { id, analytics, edits } = media;
  const { language } = useWords();
  const words = manyWordsFor(language);
  const labelOf = useLabel(analytics);
  const { edit } = useLibrary();
  const { title = '', summary = '', tags: ownTags = [] } = analytics ?? edits ?? {};
  // The name of the file, and that nothing was seen, are no text to begin with: the empty field shows them.
  const isNamed = title === media.file_name;
  const isUnseen = withoutUnseen(summary).trim() === '';
  const [{ from, written }] = useState(() => {
    const tags = ownTags.map(labelOf).join(commaIn(language));
    const from = { title: isNamed ? '' : title, summary: isUnseen ? '' : summary, tags };
    return drafts.get(id) ?? { from, written: from };
  });
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const [problem, setProblem] = useState<string>();
  const form = useRef<HTMLFormElement>(null);
  const close = () => {
    drafts.delete(id);
    onClose();
  };
  const send = async (change: EditMedia) => {
    setIsBusy(true);
    setError(undefined);
    const work = () => edit(id, change).then(() => void drafts.delete(id));
    await work().then(
      () => form.current && close(),
      (reason: unknown) => {
        if (form.current) setError(reason);
        else onLate({ kind: 'edit', id, error: reason, work });
      },
    );
    setIsBusy(false);
  };
  const save = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const { title, summary, tags } = writtenIn(event.currentTarget);
    const change: EditMedia = {
      ...(title !== from.title && { title: title || null }),
      ...(summary !== from.summary && { summary: summary || null }),
      ...(tags !== from.tags && { tags: tagsOf(tags, ownTags, labelOf) }),
    };
    const wrong = problemOf(change.tags ?? [], words);
    setProblem(wrong);
    if (wrong) event.currentTarget.querySelector<HTMLElement>('[name=tags]')?.focus();
    else if (Object.keys(change).length === 0) close();
    else void send(change);
  };
  // Escape ends the writing, not the full view around it. In an input method it only takes back a word.
  const leave = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || event.nativeEvent.isComposing) return;
    event.preventDefault();
    close();
  };
  return (
    <form
      ref={form}
      className="ma-ask"
      onSubmit={save}
      onKeyDown={leave}
      onInput={({ currentTarget }) => drafts.set(id, { from, written: writtenIn(currentTarget) })}
    >
      {error !== undefined && <ErrorNotice error={error} />}
      <label className="ma-ask-field">
        {words.title}
        <input
          name="title"
          className="ma-ask-input"
          defaultValue={written.title}
          placeholder={isNamed ? title : undefined}
          maxLength={MAX_TITLE}
          // biome-ignore lint/a11y/noAutofocus: the form was just opened by a press
          autoFocus
        />
      </label>
      <label className="ma-ask-field">
        {words.summary}
        <textarea
          name="summary"
          className="ma-ask-input"
          defaultValue={written.summary}
          placeholder={isUnseen ? summary : undefined}
          maxLength={MAX_SUMMARY}
          rows={4}
        />
      </label>
      <label className="ma-ask-field">
        {words.tags}
        <input
          name="tags"
          className="ma-ask-input"
          defaultValue={written.tags}
          aria-describedby="many-tags-problem many-tags-hint"
          aria-invalid={problem !== undefined}
        />
        <span id="many-tags-hint">{words.tagsHint}</span>
      </label>
      {problem && (
        <p id="many-tags-problem" className="ma-many-problem" role="alert">
          {problem}
        </p>
      )}
      <div className="ma-asks">
        <Button type="submit" kind="primary" disabled={isBusy}>
          {words.save}
        </Button>
        <Button onClick={close}>{words.cancel}</Button>
        {edits && (
          <Button
            disabled={isBusy}
            onClick={() => void send({ title: null, summary: null, tags: null })}
          >
            {words.models}
          </Button>
        )}
      </div>
    </form>
  );
}

function writtenIn(form: HTMLFormElement): Written {
  const data = new FormData(form);
  const [title, summary, tags] = ['title', 'summary', 'tags'].map((name) => data.get(name));
  return {
    title: String(title).trim(),
    summary: String(summary).trim(),
    tags: String(tags),
  };
}

/** @param known Tags that stay as they are where their label is in the text. */
export function tagsOf(text: string, known: readonly string[], labelOf = (tag: string) => tag) {
  const labels = text.split(/[,、，]/).map((label) => label.trim());
  const tags = labels.map((label) => known.find((tag) => labelOf(tag) === label) ?? label);
  return [...new Set(tags)].filter((tag) => tag !== '');
}

/** What is wrong with tags, told before the server refuses them. */
export function problemOf(
  tags: readonly string[],
  { tagTooLong, tooManyTags }: ReturnType<typeof manyWordsFor>,
): string | undefined {
  const long = tags.find((tag) => tag.length > MAX_TAG);
  // Enough of the tag to find it again in the field.
  if (long !== undefined) return tagTooLong(`${[...long].slice(0, 24).join('')}…`, MAX_TAG);
  return tags.length > MAX_TAGS ? tooManyTags(tags.length, MAX_TAGS) : undefined;
}
