import { PHOTO_TYPES, VIDEO_TYPES } from '@media-analysis/shared/file-types';
import { type ReactNode, useCallback, useEffect, useId, useRef, useState } from 'react';
import { Button } from '../base/button.tsx';
import { AddIcon } from '../base/icons.tsx';
import { useInBrowser } from '../base/in-browser.ts';
import { useWords } from '../words/index.ts';

interface PhotoUploadProps {
  /** Called with the files of one drop, paste or choice. Use the same function at every render. */
  onFiles: (files: File[]) => void;
  /** Only a button, for a page that already shows media. Files can still be dropped and pasted. */
  isCompact?: boolean | undefined;
  /** Stands at the end of the area, e.g. `AnalysisChoice`. */
  children?: ReactNode;
}

/** Some systems know no MIME type for HEIC and similar files, so the extensions are listed too. */
const ACCEPT = Object.entries({ ...PHOTO_TYPES, ...VIDEO_TYPES })
  .flatMap(([type, endings]) => [type, ...endings.map((ending) => `.${ending}`)])
  .join(',');

/** Phones and tablets have a coarse pointer. */
const readPointer = () =>
  ['fine', 'coarse'].find((each) => matchMedia(`(pointer: ${each})`).matches);

export type FileChoice = ReturnType<typeof useFileChoice>;

/**
 * The ways to choose files; a way that the device lacks is undefined. Files can be dropped and pasted anywhere on the
 * page, so use the hook once.
 * @param onFiles Use the same function at every render.
 */
export function useFileChoice(onFiles: (files: File[]) => void) {
  const { language, upload } = useWords();
  const input = useRef<HTMLInputElement>(null);
  const pointer = useInBrowser(readPointer);
  const [note, setNote] = useState<string>();
  const take = useCallback(
    async (files: File[], isFolder = false, entries?: FileSystemEntry[]) => {
      if (files.length === 0 && !entries?.length) return;
      setNote(undefined);
      let taken = files;
      if (isFolder) {
        try {
          const { filesOf, withoutOthers, skippedText } = await import('./chosen-files.ts');
          const chosen = entries ? await filesOf(entries) : withoutOthers(files);
          taken = chosen.files;
          if (chosen.skipped.length > 0) setNote(skippedText(chosen.skipped, language));
        } catch {
          // The module could not be loaded: the page takes all files, and those that are not accepted say so.
        }
      }
      if (taken.length > 0) onFiles(taken);
    },
    [onFiles, language],
  );
  const isOver = useDropsAndPastes(take);
  const open = (isFolder = false, isCamera = false) => {
    const { current } = input;
    if (!current) return;
    current.webkitdirectory = isFolder;
    current.multiple = !isCamera;
    current.accept = isCamera ? 'image/*' : ACCEPT;
    if (isCamera) current.setAttribute('capture', 'environment');
    else current.removeAttribute('capture');
    current.click();
  };
  // Phones cannot choose a folder, though the browser may say so.
  const hasFolders = pointer === 'fine' && 'webkitdirectory' in HTMLInputElement.prototype;
  return {
    choose: () => open(),
    chooseFolder: hasFolders ? () => open(true) : undefined,
    // On other devices `capture` only opens the same file dialog.
    takePhoto: pointer === 'coarse' ? () => open(false, true) : undefined,
    isOver,
    /** Names the files left out of a folder. */
    note,
    /** Keep it in the page while the area changes: a choice in progress would be lost with it. */
    input: (
      <input
        ref={input}
        type="file"
        accept={ACCEPT}
        multiple
        hidden
        aria-label={upload.choose}
        onChange={({ target }) => {
          void take([...(target.files ?? [])], target.webkitdirectory);
          // Otherwise choosing the same file again would cause no event.
          target.value = '';
        }}
      />
    ),
  };
}

/**
 * An upload area with a button. Files can be dropped and pasted anywhere on the page, so render it once.
 * @example
 * ```tsx
 * import { PhotoUpload, useAnalyzeMedia } from '@media-analysis/react';
 * import { useCallback } from 'react';
 *
 * export function Upload() {
 *   const { analyze } = useAnalyzeMedia();
 *   const onFiles = useCallback((files: File[]) => void analyze(files), [analyze]);
 *   return <PhotoUpload onFiles={onFiles} />;
 * }
 * ```
 */
export function PhotoUpload({ onFiles, ...area }: PhotoUploadProps) {
  const files = useFileChoice(onFiles);
  return (
    <>
      {files.input}
      <UploadArea {...area} files={files} />
    </>
  );
}

interface UploadAreaProps extends Omit<PhotoUploadProps, 'onFiles'> {
  files: FileChoice;
}

export function UploadArea({ files, isCompact = false, children }: UploadAreaProps) {
  const { upload } = useWords();
  const hintId = useId();
  const { choose, chooseFolder, takePhoto, isOver, note } = files;
  const said = (
    <p className="ma-upload-note" role="status">
      {note}
    </p>
  );
  if (isCompact) {
    return (
      <section className="ma-upload" data-compact={true}>
        <Button kind="primary" onClick={choose}>
          <AddIcon />
          <span>{upload.add}</span>
        </Button>
        {children}
        {isOver && <p className="ma-drop">{upload.drop}</p>}
        {said}
      </section>
    );
  }
  return (
    <section className="ma-upload" data-over={isOver}>
      <p className="ma-upload-title">
        {isOver ? upload.drop : takePhoto ? upload.add : upload.title}
      </p>
      <p className="ma-upload-accepted">{upload.promise}</p>
      <div className="ma-upload-choose">
        <Button kind="primary" aria-describedby={hintId} onClick={choose}>
          <AddIcon />
          {upload.choose}
        </Button>
        {takePhoto && <Button onClick={takePhoto}>{upload.takePhoto}</Button>}
        {chooseFolder && <Button onClick={chooseFolder}>{upload.chooseFolder}</Button>}
      </div>
      <p className="ma-upload-accepted" id={hintId}>
        {upload.accepted}
      </p>
      {said}
      {children}
    </section>
  );
}

type Take = (files: File[], isFolder?: boolean, entries?: FileSystemEntry[]) => Promise<void>;

/** @returns whether the user is dragging files over the page */
function useDropsAndPastes(take: Take): boolean {
  const [isOver, setIsOver] = useState(false);
  useEffect(() => {
    const ends = new AbortController();
    // `dragenter` and `dragleave` come for every element that the pointer crosses.
    let depth = 0;
    const steps = { dragenter: 1, dragleave: -1, dragover: 0, drop: Number.NEGATIVE_INFINITY };
    for (const name of Object.keys(steps) as (keyof typeof steps)[]) {
      const follow = (event: DragEvent) => {
        const { dataTransfer } = event;
        if (!dataTransfer?.types.includes('Files')) return;
        depth = Math.max(0, depth + steps[name]);
        setIsOver(depth > 0);
        if (name === 'dragover' || name === 'drop') event.preventDefault();
        if (name !== 'drop') return;
        const entries = [...dataTransfer.items].flatMap((item) => item.webkitGetAsEntry?.() ?? []);
        const isFolder = entries.some(({ isDirectory }) => isDirectory);
        void take([...dataTransfer.files], isFolder, entries);
      };
      addEventListener(name, follow, ends);
    }
    const paste = ({ clipboardData }: ClipboardEvent) =>
      void take([...(clipboardData?.files ?? [])]);
    addEventListener('paste', paste, ends);
    return () => ends.abort();
  }, [take]);
  return isOver;
}
