/** What else can be chosen: another analysis, only some of the files, another language. */
import { type ReactNode, useId } from 'react';
import type { AnalysisInfo, ReanalysisFilter } from '../../client/index.ts';
import { AnalysisFields, type FormInput } from '../../components/view/analysis-form.tsx';
import { descriptionOf, titleOf } from '../../components/view/analysis-words.ts';
import { baseOf, useWords } from '../../components/words/index.ts';
import { againWordsFor } from './again-words.ts';

type Only = Exclude<ReanalysisFilter['only'], 'stale'>;
type Kind = NonNullable<ReanalysisFilter['kind']>;

const ONLY: Only[] = ['any', 'missing', 'failed'];
const KINDS: Kind[] = ['image', 'video'];

export interface Wish {
  /** Absent: the first one that is offered. */
  analysis?: string;
  input: FormInput;
  only: Only;
  kind?: Kind | undefined;
  /** BCP 47; undefined: that of each media. */
  language: string | undefined;
}

interface AgainOptionsProps {
  offered: readonly AnalysisInfo[];
  /** The one that is chosen. */
  info: AnalysisInfo;
  wish: Wish;
  isBusy: boolean;
  /** Whether it was said what this wish costs. */
  hasQuote: boolean;
  onChange: (wish: Wish) => void;
  onSend: () => void;
}

export function AgainOptions(props: AgainOptionsProps) {
  const { offered, info, wish, isBusy, hasQuote, onChange, onSend } = props;
  const { language } = useWords();
  const words = againWordsFor(language);
  const id = useId();
  const change = (part: Partial<Wish>) => onChange({ ...wish, ...part });
  return (
    <details>
      <summary>{words.options}</summary>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onSend();
        }}
      >
        <Choice
          label={words.analysis}
          value={info.name}
          options={offered.map((each) => [each.name, titleOf(each, language)])}
          onChange={(analysis) => change({ analysis, input: {} })}
        >
          {descriptionOf(info, language)}
        </Choice>
        <Choice
          label={words.which}
          value={wish.only}
          options={ONLY.map((only) => [only, words.only[only]])}
          onChange={(value) => change({ only: ONLY.find((each) => each === value) ?? 'any' })}
        />
        <Choice
          label={words.kind}
          value={wish.kind ?? ''}
          options={[
            ['', words.bothKinds],
            ...KINDS.map((kind) => [kind, words.kinds[kind]] as const),
          ]}
          onChange={(value) => change({ kind: KINDS.find((each) => each === value) })}
        />
        <Choice
          label={words.answers}
          value={wish.language ?? ''}
          // The language of the page, whatever that of the media is.
          options={[
            ['', words.asBefore],
            [baseOf(language), words.languageName],
          ]}
          onChange={(answers) => change({ language: answers || undefined })}
        />
        <AnalysisFields
          id={id}
          info={info}
          input={wish.input}
          onChange={(input) => change({ input })}
        />
        {!hasQuote && (
          <button type="submit" className="ma-button" data-kind="primary" aria-disabled={isBusy}>
            {words.quote}
          </button>
        )}
      </form>
    </details>
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  /** Their values and names. */
  options: readonly (readonly [string, string])[];
  onChange: (value: string) => void;
  /** What the chosen one is for. */
  children?: ReactNode;
}

function Choice({ label, value, options, onChange, children }: ChoiceProps) {
  const id = useId();
  return (
    <div className="ma-ask-field">
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        className="ma-ask-input"
        value={value}
        aria-describedby={children ? `${id}-hint` : undefined}
        onChange={({ target }) => onChange(target.value)}
      >
        {options.map(([name, text]) => (
          <option key={name} value={name}>
            {text}
          </option>
        ))}
      </select>
      {children && <span id={`${id}-hint`}>{children}</span>}
    </div>
  );
}
