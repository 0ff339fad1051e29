/** The analyses of new photos, and whether they wait until the user has looked at them. */
import type { ComponentProps } from 'react';
import { AnalysisChoice } from '../../components/upload/analysis-choice.tsx';
import { useWords } from '../../components/words/index.ts';
import { barWordsFor } from '../shell/bar-words.ts';
import { PageDialog } from '../shell/page-dialog.tsx';

export interface OptionsProps extends ComponentProps<typeof AnalysisChoice> {
  isLooking: boolean;
  onLooking: () => void;
  onClose: () => void;
}

export function Options({ isLooking, onLooking, onClose, ...choice }: OptionsProps) {
  const { optionsTitle, look } = barWordsFor(useWords().language);
  return (
    <PageDialog onClose={onClose} className="ma-options" title={optionsTitle}>
      <AnalysisChoice {...choice} />
      <div className="ma-choice">
        <label>
          <input type="checkbox" checked={isLooking} onChange={onLooking} />
          {look}
        </label>
      </div>
    </PageDialog>
  );
}
