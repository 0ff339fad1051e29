import { type FormEvent, useEffect, useRef, useState } from 'react';
import type { AnalysisInfo } from '../../client/index.ts';
import { Button } from '../base/button.tsx';
import { useWords } from '../words/index.ts';
import { labelOf, type Schema, withoutNull } from './analysis-view.tsx';

export type FormInput = Record<string, string | number | boolean>;

/** The limit of the service, in characters. */
const MAX_LENGTH = 2_000;

interface AnalysisFormProps {
  info: AnalysisInfo;
  isBusy: boolean;
  onSend: (input: FormInput) => void;
  onCancel: () => void;
}

export function AnalysisForm({ info, isBusy, onSend, onCancel }: AnalysisFormProps) {
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
    <form ref={form} className="ma-ask" onSubmit={send}>
      <AnalysisFields info={info} input={input} onChange={setInput} />
      <div className="ma-asks">
        <Button type="submit" kind="primary" aria-disabled={isBusy}>
          {words.analyses.send}
        </Button>
        <Button onClick={onCancel}>{words.analyses.cancel}</Button>
      </div>
    </form>
  );
}

interface AnalysisFieldsProps {
  info: AnalysisInfo;
  input: FormInput;
  onChange: (input: FormInput) => void;
}

/** A field for each input of an analysis, by its schema. */
export function AnalysisFields({ info, input, onChange }: AnalysisFieldsProps) {
  const words = useWords();
  return Object.entries(info.input as Record<string, Schema>).map(([path, schema]) => (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is in it
    <label key={path} className="ma-ask-field">
      {labelOf({ info, path, schema, words })}
      <Field
        schema={withoutNull(schema) ?? {}}
        isRequired={info.required.includes(path)}
        value={input[path]}
        onChange={(value) => {
          const { [path]: _, ...others } = input;
          // An empty field is left out.
          onChange(value === '' || Number.isNaN(value) ? others : { ...others, [path]: value });
        }}
      />
    </label>
  ));
}

interface FieldProps {
  schema: Schema;
  isRequired: boolean;
  value: FormInput[string] | undefined;
  onChange: (value: FormInput[string]) => void;
}

function Field({ schema: { type, enum: choices }, isRequired, value, onChange }: FieldProps) {
  if (type === 'boolean') {
    return (
      <input
        type="checkbox"
        checked={value === true}
        onChange={({ target }) => onChange(target.checked)}
      />
    );
  }
  const common = { className: 'ma-ask-input', required: isRequired, value: String(value ?? '') };
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
  if (type === 'number' || type === 'integer') {
    return (
      <input
        {...common}
        type="number"
        step={type === 'integer' ? 1 : 'any'}
        onChange={({ target }) => onChange(target.valueAsNumber)}
      />
    );
  }
  return (
    <input
      {...common}
      maxLength={MAX_LENGTH}
      // The service treats blanks as nothing.
      pattern={isRequired ? String.raw`.*\S.*` : undefined}
      onChange={({ target }) => onChange(target.value)}
    />
  );
}
