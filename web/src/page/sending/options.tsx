/** The analyses of new photos. */
import type { ComponentProps } from 'react';
import { AnalysisChoice } from '../../components/upload/analysis-choice.tsx';
import { useWords } from '../../components/words/index.ts';
import { barWordsFor } from '../shell/bar-words.ts';
import { PageDialog } from '../shell/page-dialog.tsx';

export interface OptionsProps extends ComponentProps<typeof AnalysisChoice> {
  onClose: () => void;
}

export function Options({ onClose, ...choice }: OptionsProps) {
  const { optionsTitle } = barWordsFor(useWords().language);
  return (
    <PageDialog onClose={onClose} className="ma-options" title={optionsTitle}>
      <AnalysisChoice {...choice} />
    </PageDialog>
  );
}
