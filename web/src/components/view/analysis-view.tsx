/** The answer of an analysis, shown by its schema: no analysis has a view of its own. */
import type { ReactNode } from 'react';
import type { AnalysisInfo } from '../../client/index.ts';
import { formatDay } from '../base/dates.ts';
import { useWords, type Words } from '../words/index.ts';
import {
  currencyFormat,
  currencyIn,
  formatAmount,
  formatNumber,
  isAmount,
} from './analysis-words.ts';
import { labelOf, type Schema, withoutNull } from './field-words.ts';

interface AnalysisViewProps {
  /** From `useAnalyses`: the labels. Undefined if the service knows the analysis no longer: then names are labels. */
  info: AnalysisInfo | undefined;
  /** The `output` of the analysis. */
  output: Record<string, unknown>;
}

/** The place of a value in the answer, which says how to show it. */
interface Place {
  info: AnalysisInfo | undefined;
  /** Such as `items.name`. */
  path: string;
  schema: Schema | undefined;
  currency: string | undefined;
  words: Words;
}

/**
 * The answer of an analysis as a list: texts and numbers as lines, a list of objects as a table, a list of texts and a choice
 * as chips. An integer `NAME_cents` beside a `currency` is an amount of money in the currency's smallest unit.
 * @example
 * ```tsx
 * import { AnalysisView, useAnalyses } from '@media-analysis/react';
 *
 * export function Receipt() {
 *   const info = useAnalyses().analyses.find(({ name }) => name === 'receipt');
 *   const output = media.analyses?.receipt?.output;
 *   return output && <AnalysisView info={info} output={output} />;
 * }
 * ```
 */
export function AnalysisView({ info, output }: AnalysisViewProps) {
  const words = useWords();
  const schema = (info?.output ?? undefined) as Schema | undefined;
  const place = { info, path: '', schema, currency: undefined, words };
  return (
    <>
      <Fields values={output} place={place} />
      {hasUnknownAmount(output, undefined, words) && (
        <p className="ma-muted">{words.analyses.noCurrency}</p>
      )}
    </>
  );
}

function Fields({ values, place }: { values: Record<string, unknown>; place: Place }) {
  const currency = currencyIn(values) ?? place.currency;
  const names = namesOf([values], place.schema);
  return (
    <dl className="ma-facts">
      {names.map((name) => {
        const field = fieldOf({ ...place, currency }, name);
        const value = values[name];
        return (
          <div key={name} data-wide={isList(value) && isTable(value)}>
            <dt>{labelOf(place.info, place.words.language, field.path, field.schema)}</dt>
            <dd>
              <Value value={value} name={name} place={field} />
            </dd>
          </div>
        );
      })}
    </dl>
  );
}

function Value({ value, name, place }: { value: unknown; name: string; place: Place }): ReactNode {
  const { words, currency } = place;
  if (typeof value === 'boolean') return value ? words.analyses.yes : words.analyses.no;
  if (isAmount(name, value)) return formatAmount(value, currency, words);
  if (typeof value === 'number') return formatNumber(value, words);
  if (typeof value === 'string' && value !== '') {
    if (!withoutNull(place.schema)?.enum) {
      return <span className="ma-value">{formatDay(value, words.language)}</span>;
    }
    return <Chips values={[value]} place={place} />;
  }
  if (isList(value) && value.length > 0) {
    return isTable(value) ? (
      <Table rows={value} place={place} />
    ) : (
      <Chips values={value} place={place} />
    );
  }
  if (isRecord(value)) return <Fields values={value} place={place} />;
  return <span className="ma-muted">{words.analyses.none}</span>;
}

function Chips({ values, place }: { values: readonly unknown[]; place: Place }) {
  return (
    <ul className="ma-tags">
      {values.map((value, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two values may be the same
        <li key={index}>
          {typeof value === 'number' ? formatNumber(value, place.words) : String(value)}
        </li>
      ))}
    </ul>
  );
}

function Table({ rows, place }: { rows: readonly Record<string, unknown>[]; place: Place }) {
  const { info, words } = place;
  const schema = withoutNull(place.schema)?.items;
  const columns = namesOf(rows, schema).map((name) => {
    const field = fieldOf({ ...place, schema }, name);
    return { name, field, label: labelOf(info, words.language, field.path, field.schema) };
  });
  const label = labelOf(info, words.language, place.path, place.schema);
  return (
    // It scrolls sideways if it is too wide, so the keyboard must reach it.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be focusable
    <section className="ma-table" aria-label={label} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {columns.map(({ name, label }) => (
              <th key={name} scope="col" data-number={isNumeric(rows, name)}>
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: two rows may be the same
            <tr key={index}>
              {columns.map(({ name, field }) => (
                <td key={name} data-number={isNumeric(rows, name)}>
                  <Value
                    value={row[name]}
                    name={name}
                    place={{ ...field, currency: currencyIn(row) ?? place.currency }}
                  />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function fieldOf(place: Place, name: string): Place {
  const path = place.path === '' ? name : `${place.path}.${name}`;
  return { ...place, path, schema: withoutNull(place.schema)?.properties?.[name] };
}

/** In the order of the schema; what it does not name, an earlier version of the analysis has answered. */
function namesOf(
  objects: readonly Record<string, unknown>[],
  schema: Schema | undefined,
): string[] {
  const there = new Set(objects.flatMap((each) => Object.keys(each)));
  const named = Object.keys(withoutNull(schema)?.properties ?? {});
  return [...new Set([...named.filter((name) => there.has(name)), ...there])];
}

function hasUnknownAmount(value: unknown, currency: string | undefined, words: Words): boolean {
  if (isList(value)) return value.some((each) => hasUnknownAmount(each, currency, words));
  if (!isRecord(value)) return false;
  const here = currencyIn(value) ?? currency;
  const isKnown = here !== undefined && currencyFormat(here, words.language) !== undefined;
  return Object.entries(value).some(
    ([name, each]) => (!isKnown && isAmount(name, each)) || hasUnknownAmount(each, here, words),
  );
}

const isNumeric = (rows: readonly Record<string, unknown>[], name: string) =>
  rows.some((row) => typeof row[name] === 'number');

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function isTable(value: readonly unknown[]): value is readonly Record<string, unknown>[] {
  return value.length > 0 && value.every(isRecord);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
