/** Choosing files: drop them, paste them, or press a button. */
import { PHOTO_TYPES, VIDEO_TYPES } from '@media-analysis/shared/file-types';
import { type ChangeEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { AddIcon } from '../base/icons.tsx';
import { useInBrowser } from '../base/in-browser.ts';
import { useWords } from '../words/index.ts';
import { droppedFiles, type Note } from './dropped-files.ts';

interface PhotoUploadProps {
  /** Called with the files of one drop, paste or choice. Use the same function at every render. */
  onFiles: (files: File[]) => void;
  /** Only a button, for a page that shows media already. Files can be dropped and pasted all the same. */
  isCompact?: boolean;
  /** Stands at the end of the area, e.g. `AnalysisChoice`. */
  children?: ReactNode;
}

/** Some systems know no MIME type for HEIC and similar files, so the extensions are listed too. */
const ACCEPT = Object.entries({ ...PHOTO_TYPES, ...VIDEO_TYPES })
  .flatMap(([type, endings]) => [type, ...endings.map((ending) => `.${ending}`)])
  .join(',');

/** Phones and tablets have a coarse one. */
const readPointer = () =>
  ['fine', 'coarse'].find((each) => matchMedia(`(pointer: ${each})`).matches);

/** On a phone there is nothing to choose a folder with, though the browser may say so. */
const canChooseFolders = (pointer: string | undefined) =>
  pointer === 'fine' && 'webkitdirectory' in HTMLInputElement.prototype;

/** The ways in which files come from a person. Files are dropped and pasted anywhere on the page, so use it once. */
export interface FileChoice {
  choose: () => void;
  /** Undefined where no folder can be chosen. */
  chooseFolder: (() => void) | undefined;
  /** Undefined where there is no camera, or choosing a file offers it. */
  takePhoto: (() => void) | undefined;
  /** Whether files are being dragged over the page. */
  isOver: boolean;
  /** What was left out of a folder. */
  note: string | undefined;
  /** They stay in the page while it changes: what is chosen would be lost with them. */
  inputs: ReactNode;
}

/** @param onFiles Use the same function at every render. */
export function useFileChoice(onFiles: (files: File[]) => void): FileChoice {
  const words = useWords();
  const input = useRef<HTMLInputElement>(null);
  const camera = useRef<HTMLInputElement>(null);
  const pointer = useInBrowser(readPointer);
  // Elsewhere `capture` only opens the same file dialog.
  const hasCamera = pointer === 'coarse';
  const [note, setNote] = useState<{ of: Note }>();
  const isOver = useDroppedFiles(onFiles, setNote);
  usePastedFiles(onFiles);
  const open = (isFolder: boolean) => {
    if (!input.current) return;
    input.current.webkitdirectory = isFolder;
    input.current.click();
  };
  const take = ({ target }: ChangeEvent<HTMLInputElement>) => {
    const files = [...(target.files ?? [])];
    setNote(undefined);
    const send = (photos = files) => photos.length > 0 && onFiles(photos);
    if (target.webkitdirectory) {
      // If what knows them cannot be loaded, the other files say themselves that they are not accepted.
      const loading = import('./chosen-files.ts');
      const choosing = loading.then(({ withoutOthers, noteOf }) => {
        const photos = withoutOthers(files);
        setNote({ of: noteOf(photos) });
        return photos;
      });
      void choosing.then(send, () => send());
    } else send();
    // Otherwise choosing the same file again would cause no event.
    target.value = '';
  };
  return {
    choose: () => open(false),
    chooseFolder: canChooseFolders(pointer) ? () => open(true) : undefined,
    takePhoto: hasCamera ? () => camera.current?.click() : undefined,
    isOver,
    note: note?.of?.(words.language),
    inputs: (
      <>
        <input
          ref={input}
          type="file"
          accept={ACCEPT}
          multiple
          hidden
          aria-label={words.upload.choose}
          onChange={take}
        />
        {hasCamera && (
          <input
            ref={camera}
            type="file"
            accept="image/*"
            capture="environment"
            hidden
            aria-label={words.upload.takePhoto}
            onChange={take}
          />
        )}
      </>
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
      {files.inputs}
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
  if (isCompact) {
    return (
      <section className="ma-upload" data-compact={true}>
        <button type="button" className="ma-button" data-kind="primary" onClick={choose}>
          <AddIcon />
          <span>{upload.add}</span>
        </button>
        {children}
        {isOver && <p className="ma-drop">{upload.drop}</p>}
        <p className="ma-upload-note" role="status">
          {note}
        </p>
      </section>
    );
  }
  return (
    <section className="ma-upload" data-over={isOver}>
      <p className="ma-upload-title">{isOver ? upload.drop : upload.title}</p>
      <p className="ma-upload-accepted">{upload.promise}</p>
      <div className="ma-upload-choose">
        <button
          type="button"
          className="ma-button"
          data-kind="primary"
          aria-describedby={hintId}
          onClick={choose}
        >
          <AddIcon />
          {upload.choose}
        </button>
        {takePhoto && (
          <button type="button" className="ma-button" onClick={takePhoto}>
            {upload.takePhoto}
          </button>
        )}
        {chooseFolder && (
          <button type="button" className="ma-button" onClick={chooseFolder}>
            {upload.chooseFolder}
          </button>
        )}
      </div>
      <p className="ma-upload-accepted" id={hintId}>
        {upload.accepted}
      </p>
      <p className="ma-upload-note" role="status">
        {note}
      </p>
      {children}
    </section>
  );
}

/** @returns whether the user is dragging files over the page */
function useDroppedFiles(
  onFiles: (files: File[]) => void,
  onNote: (note?: { of: Note }) => void,
): boolean {
  const [isOver, setIsOver] = useState(false);
  useEffect(() => {
    // `dragenter` and `dragleave` come for every element that the pointer crosses.
    let depth = 0;
    const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
    const change = (event: DragEvent, by: number) => {
      if (!hasFiles(event)) return;
      depth = Math.max(0, depth + by);
      setIsOver(depth > 0);
    };
    const enter = (event: DragEvent) => change(event, 1);
    const leave = (event: DragEvent) => change(event, -1);
    const over = (event: DragEvent) => {
      if (hasFiles(event)) event.preventDefault();
    };
    const drop = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      change(event, Number.NEGATIVE_INFINITY);
      if (!event.dataTransfer) return;
      const plain = [...event.dataTransfer.files];
      // What cannot be read as a folder is taken as it is, and says why it is not accepted.
      onNote();
      const taken = droppedFiles(event.dataTransfer, (of) => onNote({ of })).catch(() => plain);
      void taken.then((files) => files.length > 0 && onFiles(files));
    };
    const handlers = { dragenter: enter, dragleave: leave, dragover: over, drop };
    const entries = Object.entries(handlers) as ['drop', (event: DragEvent) => void][];
    for (const [name, handler] of entries) addEventListener(name, handler);
    return () => {
      for (const [name, handler] of entries) removeEventListener(name, handler);
    };
  }, [onFiles, onNote]);
  return isOver;
}

function usePastedFiles(onFiles: (files: File[]) => void): void {
  useEffect(() => {
    const paste = (event: ClipboardEvent) => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (files.length > 0) onFiles(files);
    };
    addEventListener('paste', paste);
    return () => removeEventListener('paste', paste);
  }, [onFiles]);
}
