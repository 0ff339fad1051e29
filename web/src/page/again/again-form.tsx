/** What is to be analysed again, and how. */
import { type FormEvent, type ReactNode, useId } from 'react';
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
  /** Empty: the first one that is offered. */
  analysis: string;
  input: FormInput;
  only: Only;
  kind: Kind | undefined;
  /** BCP 47; undefined: that of each media. */
  language: string | undefined;
}

export const EMPTY_WISH: Wish = {
  analysis: '',
  input: {},
  only: 'any',
  kind: undefined,
  language: undefined,
};

interface AgainFormProps {
  /** Says which files are meant. */
  scope: string;
  offered: readonly AnalysisInfo[];
  wish: Wish;
  isBusy: boolean;
  onChange: (wish: Wish) => void;
  onSend: (wish: Wish) => void;
  onClose: () => void;
}

export function AgainForm(props: AgainFormProps) {
  const { scope, offered, wish, isBusy, onChange, onSend, onClose } = props;
  const { language } = useWords();
  const words = againWordsFor(language);
  const id = useId();
  const info = offered.find(({ name }) => name === wish.analysis) ?? offered[0];
  if (!info) return null;
  const change = (part: Partial<Wish>) => onChange({ ...wish, ...part });
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (!isBusy) onSend({ ...wish, analysis: info.name });
  };
  return (
    <form className="ma-again-form" onSubmit={send}>
      <h2>{words.title}</h2>
      <p className="ma-muted">{scope}</p>
      <div className="ma-again-fields">
        <Choice
          label={words.analysis}
          value={info.name}
          hint={descriptionOf(info, language)}
          onChange={(analysis) => change({ analysis, input: {} })}
        >
          {offered.map((each) => (
            <option key={each.name} value={each.name}>
              {titleOf(each, language)}
            </option>
          ))}
        </Choice>
        <Choice
          label={words.which}
          value={wish.only}
          onChange={(only) => change({ only: only as Only })}
        >
          {ONLY.map((only) => (
            <option key={only} value={only}>
              {words.only[only]}
            </option>
          ))}
        </Choice>
        <Choice
          label={words.kind}
          value={wish.kind ?? ''}
          onChange={(kind) => change({ kind: kind === '' ? undefined : (kind as Kind) })}
        >
          <option value="">{words.bothKinds}</option>
          {KINDS.map((kind) => (
            <option key={kind} value={kind}>
              {words.kinds[kind]}
            </option>
          ))}
        </Choice>
        <Choice
          label={words.answers}
          value={wish.language ?? ''}
          onChange={(answers) => change({ language: answers || undefined })}
        >
          <option value="">{words.asBefore}</option>
          {/* The language of the page, whatever that of the media is. */}
          <option value={baseOf(language)}>{words.languageName}</option>
        </Choice>
        <AnalysisFields
          id={id}
          info={info}
          input={wish.input}
          onChange={(input) => change({ input })}
        />
      </div>
      <div className="ma-asks">
        <button type="submit" className="ma-button" data-kind="primary" aria-disabled={isBusy}>
          {isBusy ? words.counting : words.quote}
        </button>
        <button type="button" className="ma-button" onClick={onClose}>
          {words.close}
        </button>
      </div>
    </form>
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  hint?: string;
  onChange: (value: string) => void;
  /** The options. */
  children: ReactNode;
}

function Choice({ label, value, hint, onChange, children }: ChoiceProps) {
  const id = useId();
  return (
    <div className="ma-ask-field">
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        className="ma-ask-input"
        value={value}
        aria-describedby={hint && `${id}-hint`}
        onChange={({ target }) => onChange(target.value)}
      >
        {children}
      </select>
      {hint && <span id={`${id}-hint`}>{hint}</span>}
    </div>
  );
}
