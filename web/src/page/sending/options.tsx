/** What is made of new photos. */
import type { ComponentProps } from 'react';
import { useModal } from '../../components/base/use-modal.ts';
import { AnalysisChoice } from '../../components/upload/analysis-choice.tsx';
import { useWords } from '../../components/words/index.ts';
import { barWordsFor } from '../shell/bar-words.ts';
import { PageDialog } from '../shell/page-dialog.tsx';
import { useBackCloses } from '../shell/use-back-closes.ts';

export interface OptionsProps extends ComponentProps<typeof AnalysisChoice> {
  isPage: boolean;
  onClose: () => void;
}

export function Options({ isPage, onClose, ...choice }: OptionsProps) {
  const { optionsTitle } = barWordsFor(useWords().language);
  const modal = useModal(onClose);
  useBackCloses(isPage, true, modal.close);
  return (
    <PageDialog modal={modal} className="ma-options" title={optionsTitle}>
      <AnalysisChoice {...choice} />
    </PageDialog>
  );
}
