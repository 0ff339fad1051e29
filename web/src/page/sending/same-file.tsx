/** Says in the full view of a media that its owner has the same file already. */
import { Button } from '../../components/base/button.tsx';
import { useWords } from '../../components/words/index.ts';
import { useMediaUploadSSE } from '../../hooks/index.ts';

interface SameFileProps {
  /** Id of the other media with the same bytes. It may have been deleted since. */
  id: string;
  onOpen: (id: string) => void;
}

export function SameFile({ id, onOpen }: SameFileProps) {
  const isJapanese = useWords().language === 'ja';
  const { media } = useMediaUploadSSE(id);
  if (media?.url == null) return null;
  return (
    <p className="ma-same-file">
      <span>
        {isJapanese
          ? `同じファイルがすでにあります：${media.file_name}`
          : `You have this file already, as “${media.file_name}”.`}
      </span>
      <Button onClick={() => onOpen(id)}>{isJapanese ? 'そちらを表示' : 'Show that one'}</Button>
    </p>
  );
}
