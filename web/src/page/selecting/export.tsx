/** All that is in the list as a file. */
import type { ExportFormat, MediaFilters } from '../../client/index.ts';
import { DownloadIcon } from '../../components/view/view-icons.tsx';
import { useWords } from '../../components/words/index.ts';
import { useLibrary } from '../../hooks/index.ts';
import { barWordsFor } from '../shell/bar-words.ts';
import { PageDialog } from '../shell/page-dialog.tsx';
import type { Acts } from '../shell/use-acts.ts';
import { manyWordsFor } from './many-words.ts';
import { saveFile } from './save-file.ts';

export const FORMATS: ExportFormat[] = ['csv', 'json', 'ndjson'];

interface ExportProps {
  /** What was searched for. */
  filters: MediaFilters;
  act: Acts['act'];
  onClose: () => void;
}

export function Export({ filters, act, onClose }: ExportProps) {
  const { language } = useWords();
  const { formats, exportFormat } = manyWordsFor(language);
  const library = useLibrary();
  const save = (format: ExportFormat) => {
    onClose();
    void act({
      kind: 'export',
      id: '',
      work: async () => saveFile(await library.exportAs(format, { filters }), `media.${format}`),
    });
  };
  return (
    <PageDialog onClose={onClose} className="ma-options" title={exportFormat}>
      <p className="ma-muted">{barWordsFor(language).exportHint}</p>
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
