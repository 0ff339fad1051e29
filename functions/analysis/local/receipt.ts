/** Reads a receipt from its rows of text. A value that is not sure is null, because a wrong amount is worse than none. */
import type { Detections } from '@media-analysis/vision/protocol';
import { type Amount, amountAtEnd, toMinorUnits } from './receipt-amounts.ts';
import { currencyOf } from './receipt-currency.ts';
import { dateOf } from './receipt-dates.ts';

export interface Receipt {
  merchant: string | null;
  /** ISO 8601, without a time. */
  date: string | null;
  /** ISO 4217. */
  currency: string | null;
  /** In the smallest unit of the currency by ISO 4217: cents, but whole yen. */
  total_cents: number | null;
  items: ReceiptItem[];
}

interface ReceiptItem {
  name: string;
  /** Null if the receipt does not have it. */
  quantity: number | null;
  /** The amount of the whole row, in the smallest unit of the currency. */
  amount_cents: number;
}

/** A row of `local/vision`: words that are beside each other on the paper. */
export type ReceiptRow = Pick<NonNullable<Detections['text']>[number], 'text' | 'box'>;

interface Line extends ReceiptRow {
  /** The text before the amount. Letters that were read as digits are corrected. */
  label: string;
  /** The last amount of the row. */
  amount: Amount | null;
  /** The amount in the smallest unit; null if there is none, or if it depends on an unknown currency. */
  cents: number | null;
}

const SUBTOTAL = /sub\s*-?\s*total|zwischensumme|sous[\s-]*total|subtotale|小計/i;
const NO_TOTAL =
  /\b(tax|vat|mwst|tva|iva|gst|sst|items?|qty|quantity|sav(ed|ings?)|discounts?|disc|points?|stamps?|supplies|articles?|ht|hors|netto|net|excl\w*|before|forward|rewards?|year|paid|accepted|received|tendered)\b|点数|個数|消費税|税額|内税|外税|対象|値引/i;
const TOTAL =
  /\btotals?\b(?!\.\p{L})|\b(amount|balance) due\b|\bsumme\b|\bgesamt(betrag|summe)?\b|zu zahlen|\btotale\b|合計|お会計|ご請求/iu;
const FINAL_TOTAL =
  /grand total|nett? total|total (due|to pay|payable|ttc)|(amount|balance) due|gesamtbetrag|zu zahlen|総合計|税込合計|お会計|ご請求/i;
/** `(incl. GST 6%)` after a total does not make the row one about tax. */
const TAX_INCLUDED =
  /\(?\s*\b(inc(l(usive|uding)?)?\b\.?\s*(of\s*)?(\d+\s*%\s*)?(gst|vat|sst|tax)|(gst|vat|sst|tax)\s+inc(l(usive|uded)?)?)\b\.?(\s*@?\s*\d+\s*%)?\s*\)?/gi;
/** Other names of the amount to pay. A different total beside it is not final. */
const OWED =
  /\b(net (à|a) payer|endbetrag|tip|gratuity|charged|(you|to) pay|to collect|rebate|gift card|account)\b|お支払/i;
const ROUNDING = /\bround(ing|ed)?\b|\b(rnd|adj)\b/i;
const TAX =
  /^\W*(sales |plus |incl\S* )?(tax|vat|mwst|ust|tva|iva|gst|hst|sst)\b|消費税|内税|外税|税額/i;
const PAID = /^\W*(cash|bar|gegeben|tendered|espèces|contanti)\b|お預|預り|現金/i;
/** Beside a total or change this is the money that was handed over. */
const TOTAL_PAID = /\btotal paid\b/i;
const CHANGE =
  /^\W*((your|cash) )?change\b|\bchange (amt|amount|due)\b|^\W*(rückgeld|ruckgeld|rendu|resto)\b|お釣|釣り|釣銭|おつり/i;
/** A table of taxes comes after the total, and has its own totals. */
const TAX_TABLE =
  /\b(gst|tax|vat|sst|mwst)\s*(summary|analysis|rate)\b|\btax\s*code\b(?!.*\b(item|qty|description)\b)/i;
/** Heads of columns above the items. */
const COLUMNS = /\b(item|qty|quantity|description|price|amount|u\/p)\b/gi;
/** Rows with an amount that are not items. */
const NO_ITEM =
  /^\W*(card|visa|mastercard|amex|debit|credit|balance|paid|payment|nett? total)\b|^\W*net(t|to)?\W*$|クレジット|ポイント/i;

export function readReceipt(rows: readonly ReceiptRow[]): Receipt {
  const texts = rows.map(({ text }) => text);
  const currency = currencyOf(texts);
  const lines = linesOf(rows, currency);
  const total_cents = totalOf(lines);
  return {
    merchant: merchantOf(lines),
    date: dateOf(texts, currency),
    currency,
    total_cents,
    items: itemsOf(lines, total_cents, currency),
  };
}

/** An invoice has a total too, but no cash. */
export function isReceipt(rows: readonly ReceiptRow[]): boolean {
  const texts = rows.map(({ text }) => text);
  const currency = currencyOf(texts);
  const all = linesOf(rows, currency);
  const lines = all.filter(({ cents }) => cents !== null);
  const has = (...kinds: RegExp[]) =>
    lines.some(({ label }) => kinds.some((kind) => kind.test(label)));
  const isCalled = (name: RegExp) => texts.some((text) => name.test(text));
  return (
    (lines.some(isTotal) || has(TOTAL_PAID)) &&
    (has(PAID, CHANGE) ||
      isCalled(/\breceipt\b|レシート|領収/i) ||
      ((has(SUBTOTAL, TAX, TOTAL_PAID) || itemsOf(all, totalOf(all), currency).length > 0) &&
        !isCalled(/\b(invoice|quote|quotation|estimate|rechnung)\b|請求|見積/i)))
  );
}

function linesOf(rows: readonly ReceiptRow[], currency: string | null): Line[] {
  const lines: Line[] = [];
  for (const row of rows) {
    const amount = amountAtEnd(row.text);
    const label = asLetters(row.text.slice(0, amount?.start)).trim();
    const cents = amount && toMinorUnits(amount, currency);
    const before = lines.at(-1);
    // An amount alone in a row belongs to the label above, if that has none.
    if (amount && !hasLetter(label) && before && !before.amount && hasLetter(before.label)) {
      lines[lines.length - 1] = {
        ...before,
        label: `${before.label} ${label}`.trim(),
        amount,
        cents,
      };
    } else {
      lines.push({ ...row, label, amount, cents });
    }
  }
  return lines;
}

const hasLetter = (text: string) => /\p{L}/u.test(text);

/** A reader may take a letter in a word for a digit: `T0TAL`. */
function asLetters(label: string): string {
  return label.replace(/(?<=[A-Z])0(?=[A-Z])/g, 'O').replace(/(?<=[A-Z])1(?=[A-Z])/g, 'I');
}

function isTotal({ label }: Line): boolean {
  const text = label.replace(TAX_INCLUDED, ' ');
  const isNet = NO_TOTAL.test(text.replace(/\bnett? total\b/i, 'total'));
  return TOTAL.test(text) && !SUBTOTAL.test(text) && !isNet && !isInTable(label);
}

/** A row with two amounts is part of a table, and the last amount may be the tax. */
const isInTable = (label: string) => /\d[.,]\d\d(?!\d|\s*%)/.test(label);

const valuesOf = (lines: readonly Line[]) => [
  ...new Set(lines.flatMap(({ cents }) => cents ?? [])),
];

/** @returns the total if all rows about it agree; null if they do not, or if there is none */
function totalOf(all: readonly Line[]): number | null {
  const table = all.findIndex(({ label }) => TAX_TABLE.test(label));
  const lines = table < 0 ? all : all.slice(0, table);
  const sums = valuesOf(lines.filter(isTotal));
  const due = dueOf(all);
  const isRounding = (line: Line) => ROUNDING.test(line.label) && !isTotal(line);
  const rounding = Math.max(0, ...valuesOf(lines.filter(isRounding)).map(Math.abs));
  if (due !== null) {
    const agrees = (sum: number) => sum === due || Math.abs(sum - due) === rounding;
    const isPrinted = valuesOf(lines).includes(due);
    return isPrinted && (sums.length === 0 || sums.some(agrees)) ? due : null;
  }
  // Rows above a rounding have the amount without it. A rounding that cannot be read may have any amount.
  const isRounded = (line: Line) => isRounding(line) && line.cents !== 0 && /\d/.test(line.text);
  const last = lines.slice(lines.findLastIndex(isRounded) + 1).filter(isTotal);
  const final = valuesOf(last.filter(({ label }) => FINAL_TOTAL.test(label)));
  const owed = valuesOf(lines.filter(({ label }) => OWED.test(label)));
  if (sums.length === 0 && !lines.some(({ label }) => CHANGE.test(label))) {
    const paid = valuesOf(lines.filter(({ label }) => TOTAL_PAID.test(label)));
    return paid.length === 1 ? (paid[0] ?? null) : null;
  }
  const said = final.length === 1 ? final : [...new Set([...valuesOf(last), ...owed])];
  const [total = 0, ...others] = said;
  return total > 0 && others.length === 0 && sums.includes(total) ? total : null;
}

/** Cash that was given, less the change. */
function dueOf(lines: readonly Line[]): number | null {
  const isPaid = ({ label }: Line) => PAID.test(label) && !CHANGE.test(label);
  const [paid, ...otherPaid] = valuesOf(lines.filter(isPaid));
  const [change, ...otherChange] = valuesOf(lines.filter(({ label }) => CHANGE.test(label)));
  if (paid === undefined || change === undefined) return null;
  if (otherPaid.length > 0 || otherChange.length > 0) return null;
  const due = Math.abs(paid) - Math.abs(change);
  return due > 0 ? due : null;
}

function isSummary(line: Line): boolean {
  const { label } = line;
  return (
    isTotal(line) ||
    [SUBTOTAL, TAX, PAID, CHANGE, NO_ITEM, ROUNDING].some((each) => each.test(label))
  );
}

/** The rows with an amount above the first total, subtotal or tax, if they add up to a printed sum. */
function itemsOf(
  lines: readonly Line[],
  total: number | null,
  currency: string | null,
): ReceiptItem[] {
  const end = lines.findIndex(isSummary);
  const above = end < 0 ? [] : lines.slice(0, end);
  const head = above.findLastIndex(({ text }) => (text.match(COLUMNS)?.length ?? 0) > 1);
  const first = above.findIndex(({ cents }, i) => i > head && cents !== null);
  const rows = (first < 0 ? [] : above.slice(first)).flatMap((line) => {
    const { label, cents } = line.cents === null ? unclear(line.text) : line;
    return cents === null ? [] : [{ label, cents }];
  });
  const printed = sumsIn(lines, total);
  const addUp = (some: typeof rows) =>
    printed.includes(some.reduce((all, { cents }) => all + cents, 0));
  // The last row may be the sum of the others.
  const found = [rows, rows.slice(0, -1)].find(addUp) ?? [];
  const hasColumn = found.length > 1 && found.every(({ label }) => /^\d{1,3}\s+\p{L}/u.test(label));
  const items = found.map(({ label, cents }) => itemOf(label, cents, hasColumn, currency));
  // Article numbers, prices or taxes that were not understood.
  const isUnclear = (name: string) => !hasLetter(name) || /\d[.,]\d\d(?!\d|\p{L})/u.test(name);
  return items.some(({ name }) => isUnclear(name)) ? [] : items;
}

/** `2:75` is an amount if the rows add up with it. */
function unclear(text: string): { label: string; cents: number | null } {
  const match = /^(.*\S)\s\D?(\d{1,4})[:;·'’](\d\d)$/u.exec(text);
  if (!match) return { label: text, cents: null };
  return { label: match[1] ?? '', cents: Number(match[2]) * 100 + Number(match[3]) };
}

/** The total, subtotals, and the total without a tax. */
function sumsIn(lines: readonly Line[], total: number | null): number[] {
  const taxes = valuesOf(lines.filter(({ label }) => TAX.test(label)));
  return [
    ...valuesOf(lines.filter(({ label }) => SUBTOTAL.test(label))),
    ...(total === null ? [] : [total, ...taxes.map((tax) => total - tax)]),
  ];
}

function itemOf(
  label: string,
  amount_cents: number,
  hasColumn: boolean,
  currency: string | null,
): ReceiptItem {
  const { name, quantity } = splitQuantity(label, hasColumn);
  const unit = amountAtEnd(name);
  const price = unit && toMinorUnits(unit, currency);
  const before = unit ? name.slice(0, unit.start).trim() : name;
  // Columns of an invoice: quantity, unit price and amount.
  const column = /^(.*\S)\s+(\d{1,3})$/.exec(before);
  const isPriceOf = (count: number | null) =>
    count !== null && price !== null && count * price === amount_cents;
  if (quantity === null && column?.[1] && isPriceOf(Number(column[2]))) {
    return { name: trimName(column[1]), quantity: Number(column[2]), amount_cents };
  }
  return { name: trimName(isPriceOf(quantity) ? before : name), quantity, amount_cents };
}

/** @param hasColumn Each item begins with a number, so these are a column of quantities. */
function splitQuantity(
  label: string,
  hasColumn: boolean,
): { name: string; quantity: number | null } {
  const before = /^(\d{1,3})\s*[x×*]\s*(?=\p{L})/iu.exec(label);
  const column = hasColumn ? /^(\d{1,3})\s+/.exec(label) : null;
  const start = before ?? column;
  if (start) return { name: label.slice(start[0].length), quantity: Number(start[1]) };
  const after = /\s*(?:(?:\s|(?<=\p{L}))[x×*]\s*(\d{1,3})|\s(\d{1,3})\s*[個点本枚袋])$/iu.exec(
    label,
  );
  if (!after) return { name: label, quantity: null };
  return { name: label.slice(0, after.index), quantity: Number(after[1] ?? after[2]) };
}

const trimName = (name: string) => name.replace(/[\s.…:*@-]+$/u, '').trim();

const NO_MERCHANT =
  /\b(receipt|invoice|bill|welcome|thank|tel|phone|fax|date|datum|vat|tax|gst|www|order|table|customer|copy|shopping|cash|check|guest|ref)\b|https?:|@|領収|レシート|電話|請求書|様$/i;
/** A row of an address has a house number, a postal code or a comma. */
const ADDRESS = /\d{3}|,|^\W*(no|lot|jalan|jln|taman)\b/i;
/** Legal endings of company names. */
const COMPANY =
  /\b(sdn\.?\s*bhd|s\/b|bhd|ltd|limited|llc|inc|corp|gmbh|pte|plc|s\.?a\.?r\.?l|enterprise)\b|株式会社|有限会社/i;
/** A company's registration number, after its name. */
const REGISTERED = /\s*\(?\s*(co\.?|reg\.?|no\.?)*[\s:.]*[A-Z]{0,2}\d{4,}\s*-?\s*[A-Z]?\s*\)?\s*$/i;
const HEADER_ROWS = 5;
/** A large row has this many times the usual height of the header's rows. */
const LARGE = 1.3;

/** The first company, or the only large row, or the first row. Later rows may be an address. */
function merchantOf(lines: readonly Line[]): string | null {
  const end = lines.findIndex((line) => line.cents !== null || isSummary(line));
  if (end < 1) return null;
  const names = lines
    .slice(0, Math.min(end, HEADER_ROWS))
    .map(({ text, box }) => ({ name: text.replace(REGISTERED, '').trim(), box }));
  const mayBe = ({ name }: (typeof names)[number]) =>
    /\p{L}{2}/u.test(name) && !NO_MERCHANT.test(name) && !ADDRESS.test(name);
  const company = names.find((each) => mayBe(each) && COMPANY.test(each.name));
  if (company) return company.name;
  const heightOf = ({ box }: (typeof names)[number]) => box.bottom - box.top;
  const heights = names.map(heightOf).sort((one, other) => one - other);
  const usual = heights[(heights.length - 1) >> 1] ?? 0;
  const large = names.filter((each) => heightOf(each) > LARGE * usual);
  const [only] = large.length === 1 ? large : names;
  return only && mayBe(only) ? only.name : null;
}
