import { type FormEvent, useEffect, useRef, useState } from 'react';
import type { AnalysisInfo } from '../../client/index.ts';
import { useWords } from '../words/index.ts';
import { labelOf, type Schema, withoutNull } from './analysis-view.tsx';
import { Button } from './view-icons.tsx';

/** As the service takes it. */
export type FormInput = Record<string, string | number | boolean>;

/** As the service takes it, in characters. */
const MAX_LENGTH = 2_000;

interface AnalysisFormProps {
  id: string;
  info: AnalysisInfo;
  isBusy: boolean;
  onSend: (input: FormInput) => void;
  onCancel: () => void;
}

/** A field for each value that an analysis needs to know, by its schema. */
export function AnalysisForm({ id, info, isBusy, onSend, onCancel }: AnalysisFormProps) {
  const words = useWords();
  const [input, setInput] = useState<FormInput>({});
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    form.current?.querySelector<HTMLElement>('input, select')?.focus();
    form.current?.scrollIntoView({ block: 'nearest' });
  }, []);
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (!isBusy) onSend(input);
  };
  return (
    <form ref={form} id={id} className="ma-ask" onSubmit={send}>
      <AnalysisFields id={id} info={info} input={input} onChange={setInput} />
      <div className="ma-asks">
        <Button type="submit" data-kind="primary" aria-disabled={isBusy}>
          {words.analyses.send}
        </Button>
        <Button onClick={onCancel}>{words.analyses.cancel}</Button>
      </div>
    </form>
  );
}

interface AnalysisFieldsProps {
  id: string;
  info: AnalysisInfo;
  input: FormInput;
  onChange: (input: FormInput) => void;
}

/** The fields alone, for another form. */
export function AnalysisFields({ id, info, input, onChange }: AnalysisFieldsProps) {
  const words = useWords();
  return Object.entries(info.input as Record<string, Schema>).map(([path, schema]) => (
    <div key={path} className="ma-ask-field">
      <label htmlFor={`${id}-${path}`}>{labelOf({ info, path, schema, words })}</label>
      <Field
        id={`${id}-${path}`}
        schema={withoutNull(schema) ?? {}}
        isRequired={info.required.includes(path)}
        value={input[path]}
        onChange={(value) => {
          const { [path]: _, ...others } = input;
          // A field that is empty is left out.
          onChange(value === '' || Number.isNaN(value) ? others : { ...others, [path]: value });
        }}
      />
    </div>
  ));
}

interface FieldProps {
  id: string;
  schema: Schema;
  isRequired: boolean;
  value: FormInput[string] | undefined;
  onChange: (value: FormInput[string]) => void;
}

function Field({ id, schema: { type, enum: choices }, isRequired, value, onChange }: FieldProps) {
  if (type === 'boolean') {
    return (
      <input
        id={id}
        type="checkbox"
        checked={value === true}
        onChange={({ target }) => onChange(target.checked)}
      />
    );
  }
  const text = String(value ?? '');
  const common = { id, className: 'ma-ask-input', required: isRequired, value: text };
  if (choices) {
    return (
      <select {...common} onChange={({ target }) => onChange(target.value)}>
        <option value="" />
        {choices.map((choice) => (
          <option key={String(choice)}>{String(choice)}</option>
        ))}
      </select>
    );
  }
  const isNumber = type === 'number' || type === 'integer';
  return (
    <input
      {...common}
      {...(isNumber
        ? { type: 'number', step: type === 'integer' ? 1 : 'any' }
        : { type: 'text', maxLength: MAX_LENGTH })}
      // The service takes blanks for nothing.
      pattern={isRequired && !isNumber ? String.raw`.*\S.*` : undefined}
      onChange={({ target }) => onChange(isNumber ? target.valueAsNumber : target.value)}
    />
  );
}
