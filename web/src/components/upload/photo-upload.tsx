/** The upload area: drop files, paste them, or choose them. */
import { PHOTO_TYPES, VIDEO_TYPES } from '@media-analysis/shared/file-types';
import {
  type ChangeEvent,
  type ReactNode,
  type RefObject,
  useEffect,
  useId,
  useRef,
  useState,
} from 'react';
import { UploadIcon } from '../base/icons.tsx';
import { useInBrowser } from '../base/in-browser.ts';
import { watchSight } from '../base/in-sight.ts';
import { useWords } from '../words/index.ts';
import { droppedFiles, type Note } from './dropped-files.ts';

interface PhotoUploadProps {
  /** Called with the files of one drop, paste or choice. Use the same function at every render. */
  onFiles: (files: File[]) => void;
  /** Takes little space, for a page that shows media already. */
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
export function PhotoUpload({ onFiles, isCompact = false, children }: PhotoUploadProps) {
  const words = useWords();
  const input = useRef<HTMLInputElement>(null);
  const camera = useRef<HTMLInputElement>(null);
  const hintId = useId();
  const pointer = useInBrowser(readPointer);
  // Elsewhere `capture` only opens the same file dialog.
  const hasCamera = pointer === 'coarse';
  const [note, setNote] = useState<{ of: Note }>();
  const isOver = useDroppedFiles(onFiles, setNote);
  usePastedFiles(onFiles);
  const choose = (isFolder: boolean) => {
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
  const area = useRef<HTMLElement>(null);
  const isInSight = useIsInSight(area);
  return (
    <section className="ma-upload" data-over={isOver} data-compact={isCompact} ref={area}>
      <span className="ma-upload-icon">
        <UploadIcon />
      </span>
      <div className="ma-upload-words">
        <p className="ma-upload-title">{isOver ? words.upload.drop : words.upload.title}</p>
        <p className="ma-upload-choose">
          <span className="ma-upload-hint">{words.upload.hint} </span>
          <button
            type="button"
            className="ma-button"
            data-kind="primary"
            aria-describedby={hintId}
            onClick={() => choose(false)}
          >
            {words.upload.choose}
          </button>
          {hasCamera && (
            <button type="button" className="ma-button" onClick={() => camera.current?.click()}>
              {words.upload.takePhoto}
            </button>
          )}
          {canChooseFolders(pointer) && (
            <button type="button" className="ma-button" onClick={() => choose(true)}>
              {words.upload.chooseFolder}
            </button>
          )}
        </p>
        <p className="ma-upload-accepted" id={hintId}>
          {words.upload.accepted}
        </p>
        <p role="status">{note?.of?.(words.language)}</p>
      </div>
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
      {children}
      {!isInSight && (
        <button
          type="button"
          className="ma-button ma-add"
          data-kind="primary"
          onClick={() => choose(false)}
        >
          <UploadIcon />
          {isOver ? words.upload.drop : words.upload.title}
        </button>
      )}
    </section>
  );
}

/** Whether a part of the element is on the screen. */
function useIsInSight(element: RefObject<HTMLElement | null>): boolean {
  const [isInSight, setIsInSight] = useState(true);
  useEffect(
    () => watchSight(element.current, ({ isIntersecting }) => setIsInSight(isIntersecting)),
    [element],
  );
  return isInSight;
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
