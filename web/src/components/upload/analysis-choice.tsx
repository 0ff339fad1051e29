import type { AnalysisInfo } from '../../client/index.ts';
import { descriptionOf, offeredOf, titleOf } from '../view/analysis-words.ts';
import { useWords } from '../words/index.ts';

interface AnalysisChoiceProps {
  /** From `useAnalyses`. Analyses that are not offered, or need an input, are left out. */
  analyses: readonly AnalysisInfo[];
  /** Names of the chosen analyses. */
  chosen: readonly string[];
  /** Called with the names after each change. */
  onChange: (chosen: string[]) => void;
}

/**
 * Check boxes for the analyses of new files, for `useAnalyzeMedia({ analyses: chosen })`. At least one stays chosen. If
 * fewer than two are offered, nothing is shown.
 * @example
 * ```tsx
 * import { AnalysisChoice, useAnalyses } from '@media-analysis/react';
 * import { useState } from 'react';
 *
 * export function Choice() {
 *   const [chosen, setChosen] = useState(['describe']);
 *   return <AnalysisChoice analyses={useAnalyses().analyses} chosen={chosen} onChange={setChosen} />;
 * }
 * ```
 */
export function AnalysisChoice({ analyses, chosen, onChange }: AnalysisChoiceProps) {
  const words = useWords();
  const options = offeredOf(analyses).filter(({ required }) => required.length === 0);
  if (options.length < 2) return null;
  const isChosen = ({ name }: AnalysisInfo) => chosen.includes(name);
  const isOnlyOne = options.filter(isChosen).length === 1;
  const toggle = (option: AnalysisInfo) => {
    const next = options.filter((each) => (each === option ? !isChosen(each) : isChosen(each)));
    onChange(next.map(({ name }) => name));
  };
  return (
    <fieldset className="ma-choice">
      <legend>{words.analyses.choose}</legend>
      {options.map((option) => (
        <label key={option.name} title={descriptionOf(option, words.language)}>
          <input
            type="checkbox"
            checked={isChosen(option)}
            disabled={isOnlyOne && isChosen(option)}
            onChange={() => toggle(option)}
          />
          {titleOf(option, words.language)}
        </label>
      ))}
    </fieldset>
  );
}
