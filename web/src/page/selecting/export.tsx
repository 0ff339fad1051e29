/** All that is in the list, or what is selected, as a file. */
import type { ExportFormat, MediaFilters } from '../../client/index.ts';
import { useModal } from '../../components/base/use-modal.ts';
import { DownloadIcon } from '../../components/view/view-icons.tsx';
import { useWords } from '../../components/words/index.ts';
import { useLibrary } from '../../hooks/index.ts';
import { barWordsFor } from '../shell/bar-words.ts';
import { PageDialog } from '../shell/page-dialog.tsx';
import type { useActs } from '../shell/use-acts.ts';
import { useBackCloses } from '../shell/use-back-closes.ts';
import { manyWordsFor } from './many-words.ts';
import { downloadsOf, saveFile } from './save-file.ts';

const FORMATS: ExportFormat[] = ['csv', 'json', 'ndjson'];

interface ExportProps {
  isPage: boolean;
  /** These alone. Absent: all that `filters` find. */
  ids?: readonly string[] | undefined;
  filters: MediaFilters;
  act: ReturnType<typeof useActs>['act'];
  onClose: () => void;
}

export function Export({ isPage, ids, filters, act, onClose }: ExportProps) {
  const { language } = useWords();
  const { formats, exportFormat } = manyWordsFor(language);
  const library = useLibrary();
  const modal = useModal(onClose);
  useBackCloses(isPage, true, modal.close);
  const save = (format: ExportFormat) => {
    modal.close();
    // The service takes 500 at once.
    const parts = ids && downloadsOf(ids.map((id) => ({ id, size: 0 })));
    const work = async () => {
      for (const subject of parts?.map((part) => ({ ids: part })) ?? [{ filters }])
        await saveFile(await library.exportAs(format, subject), `media.${format}`);
    };
    void act({ kind: 'export', id: ids?.join() ?? '', count: ids?.length, work });
  };
  return (
    <PageDialog modal={modal} className="ma-options" title={exportFormat}>
      {!ids && <p className="ma-muted">{barWordsFor(language).exportHint}</p>}
      <div className="ma-options-buttons">
        {FORMATS.map((format) => (
          <button key={format} type="button" className="ma-button" onClick={() => save(format)}>
            <DownloadIcon />
            {formats[format]}
          </button>
        ))}
      </div>
    </PageDialog>
  );
}
