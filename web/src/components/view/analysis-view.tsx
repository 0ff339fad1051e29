/** Shows the answer of an analysis by its schema: no analysis has a view of its own. */
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
  titleOf,
  translationOf,
} from './analysis-words.ts';

/** The part of JSON Schema that analyses use. */
export interface Schema {
  type?: string;
  description?: string;
  enum?: unknown[];
  properties?: Record<string, Schema>;
  items?: Schema;
  anyOf?: Schema[];
}

type Values = Readonly<Record<string, unknown>>;

/** Where a value is in the answer, which says how to show it. */
interface Place {
  info: AnalysisInfo | undefined;
  /** E.g. `items.name`. */
  path: string;
  schema: Schema | undefined;
  currency?: string | undefined;
  words: Words;
}

export function labelOf({ info, path, schema, words }: Place): string {
  const translated = info && translationOf(info, words.language)?.labels?.[path];
  const name = path.slice(path.lastIndexOf('.') + 1);
  return translated ?? schema?.description ?? name.replaceAll('_', ' ');
}

export const withoutNull = (schema: Schema | undefined): Schema | undefined =>
  schema?.anyOf?.find(({ type }) => type !== 'null') ?? schema;

interface FactProps {
  name: string;
  children: ReactNode;
  isWide?: boolean;
}

/** A line in a `<dl className="ma-facts">`. */
export const Fact = ({ name, children, isWide = false }: FactProps) => (
  <div data-wide={isWide}>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);

interface AnalysisViewProps {
  /** From `useAnalyses`: the labels. Undefined if the service no longer knows the analysis: then names are labels. */
  info: AnalysisInfo | undefined;
  /** The `output` of the analysis. */
  output: Record<string, unknown>;
  /** Whether the text for an empty answer says "video". */
  isVideo?: boolean | undefined;
}

/**
 * The answer of an analysis as a list: texts and numbers as lines, a list of objects as a table, a list of texts or a
 * choice as chips. An integer `NAME_cents` beside a `currency` is money in the currency's smallest unit.
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
export function AnalysisView({ info, output, isVideo = false }: AnalysisViewProps) {
  const words = useWords();
  const schema = (info?.output ?? undefined) as Schema | undefined;
  if (isEmpty(output)) {
    // With an input, the title names a question, not a thing to find.
    const title = info?.required.length === 0 ? titleOf(info, words.language) : undefined;
    return <p className="ma-muted">{words.analyses.nothing(title, isVideo)}</p>;
  }
  return (
    <>
      <Fields values={output} place={{ info, path: '', schema, words }} />
      {hasUnknownAmount(output, undefined, words) && (
        <p className="ma-muted">{words.analyses.noCurrency}</p>
      )}
    </>
  );
}

/** The input that a user gave to an analysis. */
export function GivenInput({ info, input }: { info: AnalysisInfo | undefined; input: Values }) {
  const words = useWords();
  const schema = { properties: info?.input } as Schema;
  return isEmpty(input) ? null : (
    <Fields values={input} place={{ info, path: '', schema, words }} />
  );
}

function Fields({ values, place }: { values: Values; place: Place }) {
  return (
    <dl className="ma-facts">
      {namesOf([values], place.schema).map((name) => {
        if (isEmpty(values[name])) return null;
        const field = fieldOf(place, name, values);
        return (
          <Fact key={name} name={labelOf(field)} isWide={isTable(values[name])}>
            <Value value={values[name]} name={name} place={field} />
          </Fact>
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
    if (withoutNull(place.schema)?.enum) return <Chips values={[value]} words={words} />;
    return <span className="ma-value">{formatDay(value, words.language)}</span>;
  }
  if (isTable(value)) return <Table rows={value} place={place} />;
  if (Array.isArray(value) && value.length > 0) return <Chips values={value} words={words} />;
  if (isRecord(value)) return <Fields values={value} place={place} />;
  return <span className="ma-muted">{words.analyses.none}</span>;
}

function Chips({ values, words }: { values: readonly unknown[]; words: Words }) {
  return (
    <ul className="ma-tags">
      {values.map((value, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two values may be the same
        <li key={index}>
          {typeof value === 'number' ? formatNumber(value, words) : String(value)}
        </li>
      ))}
    </ul>
  );
}

function Table({ rows, place }: { rows: readonly Values[]; place: Place }) {
  const schema = withoutNull(place.schema)?.items;
  const names = namesOf(rows, schema);
  const isNumeric = (name: string) => rows.some((row) => typeof row[name] === 'number');
  return (
    // The table scrolls sideways if it is too wide, so the keyboard must reach it.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be focusable
    <section className="ma-table" aria-label={labelOf(place)} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {names.map((name) => (
              <th key={name} scope="col" data-number={isNumeric(name)}>
                {labelOf(fieldOf({ ...place, schema }, name))}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: two rows may be the same
            <tr key={index}>
              {names.map((name) => (
                <td key={name} data-number={isNumeric(name)}>
                  <Value
                    value={row[name]}
                    name={name}
                    place={fieldOf({ ...place, schema }, name, row)}
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

/** @param values The object with the value: its currency applies. */
function fieldOf(place: Place, name: string, values: Values = {}): Place {
  const path = place.path === '' ? name : `${place.path}.${name}`;
  const schema = withoutNull(place.schema)?.properties?.[name];
  return { ...place, path, schema, currency: currencyIn(values) ?? place.currency };
}

/** In the order of the schema, then names that it lacks: an earlier version of the analysis has answered them. */
function namesOf(objects: readonly Values[], schema: Schema | undefined): string[] {
  const there = new Set(objects.flatMap((each) => Object.keys(each)));
  const named = Object.keys(withoutNull(schema)?.properties ?? {});
  return [...new Set([...named.filter((name) => there.has(name)), ...there])];
}

function hasUnknownAmount(value: unknown, currency: string | undefined, words: Words): boolean {
  if (Array.isArray(value)) return value.some((each) => hasUnknownAmount(each, currency, words));
  if (!isRecord(value)) return false;
  const here = currencyIn(value) ?? currency;
  const isKnown = currencyFormat(here, words.language);
  return Object.entries(value).some(
    ([name, each]) => (!isKnown && isAmount(name, each)) || hasUnknownAmount(each, here, words),
  );
}

const isEmpty = (value: unknown): boolean =>
  value === null ||
  value === '' ||
  (typeof value === 'object' && Object.values(value).every(isEmpty));

const isTable = (value: unknown): value is readonly Values[] =>
  Array.isArray(value) && value.length > 0 && value.every(isRecord);

const isRecord = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
