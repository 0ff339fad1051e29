/** Exports all of the list, or the selection, as a file. */
import type { ExportFormat, MediaFilters } from '../../client/index.ts';
import { Button } from '../../components/base/button.tsx';
import { DownloadIcon } from '../../components/view/view-icons.tsx';
import { useWords } from '../../components/words/index.ts';
import { useLibrary } from '../../hooks/index.ts';
import { barWordsFor } from '../shell/bar-words.ts';
import { PageDialog } from '../shell/page-dialog.tsx';
import type { Acts } from '../shell/use-acts.ts';
import { manyWordsFor } from './many-words.ts';
import { downloadsOf, saveFile } from './save-file.ts';

const FORMATS: ExportFormat[] = ['csv', 'json', 'ndjson'];

interface ExportProps {
  /** Only these. Undefined: all that `filters` find. */
  ids?: readonly string[] | undefined;
  filters: MediaFilters;
  act: Acts['act'];
  onClose: () => void;
}

export function Export({ ids, filters, act, onClose }: ExportProps) {
  const { language } = useWords();
  const { formats, exportFormat } = manyWordsFor(language);
  const library = useLibrary();
  const save = (format: ExportFormat) => {
    onClose();
    // The service takes 500 ids at once.
    const parts = ids && downloadsOf(ids.map((id) => ({ id, size: 0 })));
    const work = async () => {
      for (const subject of parts?.map((part) => ({ ids: part })) ?? [{ filters }])
        await saveFile(await library.exportAs(format, subject), `media.${format}`);
    };
    void act({ kind: 'export', id: ids?.join() ?? '', count: ids?.length, work });
  };
  return (
    <PageDialog onClose={onClose} className="ma-options" title={exportFormat}>
      {!ids && <p className="ma-muted">{barWordsFor(language).exportHint}</p>}
      <div className="ma-options-buttons">
        {FORMATS.map((format) => (
          <Button key={format} onClick={() => save(format)}>
            <DownloadIcon />
            {formats[format]}
          </Button>
        ))}
      </div>
    </PageDialog>
  );
}
