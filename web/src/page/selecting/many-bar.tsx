/** Acts on the selected media. The bar stays in sight while the page scrolls. */
import { type MouseEvent, type ReactNode, useRef, useState } from 'react';
import type { Media } from '../../client/index.ts';
import { Button } from '../../components/base/button.tsx';
import { isDeleteKey } from '../../components/base/delete-key.ts';
import { CloseIcon, RetryIcon, TrashIcon } from '../../components/base/icons.tsx';
import { keepFocus } from '../../components/base/keep-focus.ts';
import { DownloadIcon, SelectAllIcon, SelectNoneIcon } from '../../components/view/view-icons.tsx';
import { baseOf, isForeign, useWords } from '../../components/words/index.ts';
import { useMediaCache } from '../../hooks/context.ts';
import { useLibrary } from '../../hooks/index.ts';
import { Again } from '../again/again.tsx';
import { MOST_AT_ONCE } from '../again/again-scope.ts';
import { moveToBin } from '../bin/move-to-bin.ts';
import type { Entry } from '../library/entries.ts';
import { isNarrowed } from '../search/search-address.ts';
import { forEachConcurrently } from '../shell/concurrency.ts';
import { FailedNotice } from '../shell/failures.tsx';
import type { Acts } from '../shell/use-acts.ts';
import { useBackCloses } from '../shell/use-back-closes.ts';
import { MoreButton } from '../shell/use-menu.tsx';
import { usePageKeys } from '../shell/use-page-keys.ts';
import { AddTags } from './add-tags.tsx';
import { manyWordsFor } from './many-words.ts';
import { downloadsOf, saveFile } from './save-file.ts';
import { ALL, type SelectAllOptions, useSelectAll } from './selection.ts';

interface ManyBarProps extends SelectAllOptions, Pick<Acts, 'act' | 'fail'> {
  /** In the order of the page. */
  media: readonly Media[];
  /** Entries that can be tried again, selected or not. */
  again: readonly Entry[];
  onRetry: (id: string) => Promise<void>;
  onExport: () => void;
  onDeleted: (...ids: readonly string[]) => void;
  onClose: () => void;
}

export function ManyBar(props: ManyBarProps) {
  const { media, again, act, fail, onRetry, onExport, onDeleted, onClose } = props;
  const { list, rest, setSelection } = props;
  const { language, remove: removeLabel } = useWords();
  const words = manyWordsFor(language);
  const library = useLibrary();
  const [busy, setBusy] = useState<string>();
  const cache = useMediaCache();
  const [isTagging, setIsTagging] = useState(false);
  const [tagged, setTagged] = useState({ of: '', text: '' });
  const region = useRef<HTMLElement>(null);
  const ids = media.map(({ id }) => id);
  const selected = new Set(ids);
  const retryable = again.flatMap(({ media: failed }) =>
    failed && selected.has(failed.id) ? failed.id : [],
  );
  const busily = (text: string, work: () => Promise<void>) => async () => {
    setBusy(text);
    await work().finally(() => setBusy(undefined));
  };
  /** @param before The ids deleted earlier by the same press: one undo brings back both. */
  const removal = (those: string[], before: string[] = []): Parameters<Acts['act']>[0] => ({
    kind: 'remove',
    id: those.join(),
    count: those.length,
    isToBin: true,
    work: busily(removeLabel, async () => {
      const { ids: moved, left } = await moveToBin(library, those);
      const deleted = [...before, ...moved];
      if (moved.length > 0) onDeleted(...deleted);
      if (left?.ids.length === those.length) throw left.error;
      if (left) fail({ ...removal(left.ids, deleted), error: left.error });
    }),
  });
  const remove = () => void act(removal(ids));
  const tryAgain = busily(words.retry(retryable.length), () =>
    forEachConcurrently(retryable, onRetry),
  );
  const download = () => {
    const files = media.filter(({ url }) => url !== null);
    const parts = downloadsOf(files);
    const work = busily(words.downloading(1, 1), async () => {
      for (const [n, part] of parts.entries()) {
        setBusy(words.downloading(n + 1, parts.length));
        await saveFile(await library.download(part), 'media.zip');
      }
    });
    const id = files.map((file) => file.id).join();
    void act({ kind: 'download', id, count: files.length, work });
  };
  const addTags = async (tags: readonly string[]) => {
    let done = 0;
    const add = (one: Media) => {
      const work = async () => {
        const { analytics, edits } = cache.get(one.id) ?? one;
        const present = analytics?.tags ?? edits?.tags ?? [];
        await library.edit(one.id, { tags: [...new Set([...present, ...tags])] });
        done++;
      };
      return act({ kind: 'edit', id: one.id, work });
    };
    await busily(words.atWork, () => forEachConcurrently(media, add))();
    setTagged({ of: ids.join(), text: words.tagged(done, ids.length) });
  };
  const { selectAll } = useSelectAll(ALL, props);
  const stop = () => setSelection((now) => now && { ...now, rest: undefined });
  const error = rest === undefined ? undefined : list.error;
  const isSelecting = rest !== undefined && error === undefined;
  const isAll = ids.length === props.ids.length && !list.hasMore;
  // A request cannot name so many media, but needs no names for all.
  const isWhole = isAll && !isNarrowed(props.search) && ids.length > MOST_AT_ONCE;
  const isIdle = ids.length > 0 && busy === undefined && !isSelecting;
  useBackCloses(true, onClose);
  usePageKeys((event) => {
    const { key, ctrlKey, metaKey } = event;
    if ((ctrlKey || metaKey) && key === 'a') {
      event.preventDefault();
      selectAll(true);
    } else if (key === 'Escape' && isSelecting) stop();
    else if (key === 'Escape') onClose();
    else if (isDeleteKey(event) && isIdle) remove();
  });
  return (
    <section ref={region} tabIndex={-1} className="ma-many-bar" aria-label={words.bar}>
      {error !== undefined && (
        <FailedNotice
          error={error}
          onRetry={async () => list.loadMore()}
          onClose={stop}
          onGone={() => keepFocus(region.current)}
        />
      )}
      <Button
        aria-label={words.done}
        title={words.done}
        // With "Select all" the bar grows, and the second press of a double click on that may land here.
        onClick={({ detail }) => detail < 2 && onClose()}
      >
        <CloseIcon />
      </Button>
      <p role="status">
        {busy ??
          (tagged.of === ids.join() && tagged.text
            ? tagged.text
            : (isSelecting ? words.selectingAll : words.selected)(ids.length))}
      </p>
      <Action
        icon={isSelecting ? <CloseIcon /> : isAll ? <SelectNoneIcon /> : <SelectAllIcon />}
        onClick={({ detail }) => {
          if (!isSelecting) selectAll(!isAll);
          // The second press of a double click would stop what the first one has begun.
          else if (detail < 2) stop();
        }}
      >
        {isSelecting ? words.stop : isAll ? words.none : words.all}
      </Action>
      <Action isIdle={isIdle} icon={<TrashIcon />} onClick={remove}>
        {removeLabel}
      </Action>
      {retryable.length > 0 && (
        <Action isIdle={isIdle} icon={<RetryIcon />} onClick={() => void tryAgain()}>
          {words.retry(retryable.length)}
        </Action>
      )}
      <Action isIdle={isIdle} icon={<DownloadIcon />} onClick={download}>
        {words.download}
      </Action>
      {ids.length > 0 && (
        <Again
          language={media.some((each) => isForeign(each, language)) ? baseOf(language) : undefined}
          ids={isWhole ? undefined : ids}
        />
      )}
      <MoreButton
        entries={[
          {
            id: 'tags',
            label: `${words.addTags}…`,
            onPress: isIdle ? () => setIsTagging(true) : undefined,
          },
          {
            id: 'export',
            label: words.exportAs,
            onPress: isIdle ? onExport : undefined,
          },
        ]}
      />
      {isTagging && <AddTags onAdd={addTags} onClose={() => setIsTagging(false)} />}
    </section>
  );
}

const Action = ({
  isIdle = true,
  icon,
  onClick,
  children,
}: {
  isIdle?: boolean;
  icon: ReactNode;
  onClick: (event: MouseEvent) => void;
  children: string;
}) => (
  <Button title={children} disabled={!isIdle} onClick={onClick}>
    {icon}
    <span>{children}</span>
  </Button>
);
