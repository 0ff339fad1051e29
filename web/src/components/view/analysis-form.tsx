import { type FormEvent, useEffect, useRef, useState } from 'react';
import type { AnalysisInfo } from '../../client/index.ts';
import { useWords } from '../words/index.ts';
import { labelOf, type Schema, withoutNull } from './field-words.ts';

/** As the service takes it. */
export type FormInput = Record<string, string | number | boolean>;

/** The most characters that the service takes. */
const MAX_LENGTH = 2_000;

interface AnalysisFormProps {
  id: string;
  info: AnalysisInfo;
  /** Nothing can be sent now. */
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
        <button type="submit" className="ma-button" data-kind="primary" aria-disabled={isBusy}>
          {words.analyses.send}
        </button>
        <button type="button" className="ma-button" onClick={onCancel}>
          {words.analyses.cancel}
        </button>
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
  const { language } = useWords();
  return Object.entries(info.input as Record<string, Schema>).map(([name, schema]) => (
    <div key={name} className="ma-ask-field">
      <label htmlFor={`${id}-${name}`}>{labelOf(info, language, name, schema)}</label>
      <Field
        id={`${id}-${name}`}
        schema={withoutNull(schema) ?? {}}
        isRequired={info.required.includes(name)}
        value={input[name]}
        onChange={(value) => {
          const { [name]: _, ...others } = input;
          onChange(value === undefined ? others : { ...others, [name]: value });
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
  /** @param value Undefined: the field is empty. */
  onChange: (value: FormInput[string] | undefined) => void;
}

function Field({ id, schema, isRequired, value, onChange }: FieldProps) {
  if (schema.type === 'boolean') {
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
  if (schema.enum) {
    return (
      <select {...common} onChange={({ target }) => onChange(target.value || undefined)}>
        <option value="" />
        {schema.enum.map((choice) => (
          <option key={String(choice)}>{String(choice)}</option>
        ))}
      </select>
    );
  }
  if (schema.type === 'number' || schema.type === 'integer') {
    return (
      <input
        {...common}
        type="number"
        step={schema.type === 'integer' ? 1 : 'any'}
        onChange={({ target }) =>
          onChange(Number.isNaN(target.valueAsNumber) ? undefined : target.valueAsNumber)
        }
      />
    );
  }
  return (
    <input
      {...common}
      type="text"
      maxLength={MAX_LENGTH}
      // The service takes blanks for nothing.
      pattern={isRequired ? String.raw`.*\S.*` : undefined}
      onChange={({ target }) => onChange(target.value || undefined)}
    />
  );
}
