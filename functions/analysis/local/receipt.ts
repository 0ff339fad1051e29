/**
 * Finds what a receipt says in its rows of text. A value that is not sure is null: a wrong amount is
 * worse than none.
 */
import type { Detections } from '@media-analysis/vision/protocol';
import {
  type Amount,
  amountAtEnd,
  toMinorUnits,
  unreadableAmountAtEnd,
} from './receipt-amounts.ts';
import { currencyOf } from './receipt-currency.ts';
import { dateOf } from './receipt-dates.ts';

export interface Receipt {
  merchant: string | null;
  /** ISO 8601, without a time. */
  date: string | null;
  /** ISO 4217. */
  currency: string | null;
  /** In the smallest unit of the currency, as in ISO 4217: cents, but whole yen. */
  total_cents: number | null;
  items: ReceiptItem[];
}

interface ReceiptItem {
  name: string;
  /** Null if the receipt does not say it. */
  quantity: number | null;
  /** Of the whole row, in the smallest unit of the currency. Null if it cannot be read. */
  amount_cents: number | null;
}

/** A row as `local/vision` reads it: the words that are beside each other on the paper. */
export type ReceiptRow = Pick<NonNullable<Detections['text']>[number], 'text' | 'box'>;

interface Line extends ReceiptRow {
  /** What stands before the amount. */
  label: string;
  /** The last amount of the row. */
  amount: Amount | null;
  /** The row ends with something like an amount. */
  unreadable: ReturnType<typeof unreadableAmountAtEnd>;
}

const SUBTOTAL = /sub\s*-?\s*total|zwischensumme|sous[\s-]*total|subtotale|小計/i;
const NO_TOTAL =
  /\b(tax|vat|mwst|tva|iva|gst|items?|qty|quantity|sav(ed|ings?)|discounts?|points?|articles?|ht|hors|netto|net|excl\w*|before|forward|rewards?|year)\b|点数|個数|消費税|税額|内税|外税|対象|値引/i;
const TOTAL =
  /\btotals?\b(?!\.\p{L})|\b(amount|balance) due\b|\bsumme\b|\bgesamt(betrag|summe)?\b|zu zahlen|\btotale\b|合計|お会計|ご請求/iu;
const FINAL_TOTAL =
  /grand total|total (due|to pay|ttc)|(amount|balance) due|gesamtbetrag|zu zahlen|総合計|税込合計|お会計|ご請求/i;
/** What is to be paid by another name: a total beside it that differs is not the last word. */
const OWED =
  /\b(net (à|a) payer|endbetrag|tip|gratuity|charged|(you|to) pay|to collect|rebate|gift card|account)\b|お支払/i;
const TAX =
  /^\W*(sales |plus |incl\S* )?(tax|vat|mwst|ust|tva|iva|gst|hst)\b|消費税|内税|外税|税額/i;
const PAID = /^\W*(cash|bar|gegeben|tendered|espèces|contanti)\b|お預|預り|現金/i;
const CHANGE = /^\W*(change|rückgeld|ruckgeld|rendu|resto)\b|お釣|釣り|釣銭|おつり/i;
/** Rows that are no item, although they have an amount. */
const NO_ITEM =
  /^\W*(card|visa|mastercard|amex|debit|credit|balance|paid|payment)\b|^\W*net(t|to)?\W*$|クレジット|ポイント/i;

export function readReceipt(rows: readonly ReceiptRow[]): Receipt {
  const texts = rows.map(({ text }) => text);
  const currency = currencyOf(texts);
  const lines = joinLonelyAmounts(rows.map((row) => ({ ...row, ...splitRow(row.text) })));
  const total_cents = totalOf(lines, currency);
  return {
    merchant: merchantOf(lines),
    date: dateOf(texts, currency),
    currency,
    total_cents,
    items: withoutSubtotal(itemsOf(lines, currency), total_cents),
  };
}

function splitRow(text: string) {
  const amount = amountAtEnd(text);
  const unreadable = unreadableAmountAtEnd(text);
  const end = (amount ?? unreadable)?.start;
  return { amount, unreadable, label: text.slice(0, end).trim() };
}

/** An amount that stands alone below a label without one belongs to that label. */
function joinLonelyAmounts(lines: readonly Line[]): Line[] {
  const joined: Line[] = [];
  for (const line of lines) {
    const before = joined.at(-1);
    const { amount, unreadable } = line;
    const isLonely = (amount || unreadable) && !/\p{L}/u.test(line.label);
    const lacksAmount = before && !before.amount && !before.unreadable;
    if (isLonely && lacksAmount && /\p{L}/u.test(before.label)) {
      const label = `${before.label} ${line.label}`.trim();
      joined[joined.length - 1] = { ...before, label, amount, unreadable };
    } else {
      joined.push(line);
    }
  }
  return joined;
}

const isTotal = ({ label }: Line) => {
  const text = asLetters(label);
  return TOTAL.test(text) && !SUBTOTAL.test(text) && !NO_TOTAL.test(text);
};

/** A reader may take the letter of a word for a digit: `T0TAL`. */
function asLetters(label: string): string {
  return label.replace(/(?<=[A-Z])0(?=[A-Z])/g, 'O').replace(/(?<=[A-Z])1(?=[A-Z])/g, 'I');
}

function totalOf(lines: readonly Line[], currency: string | null): number | null {
  const value = ({ amount }: Line) => (amount ? toMinorUnits(amount, currency) : null);
  const valuesOf = (some: readonly Line[]) => [
    ...new Set(some.map(value).filter((each) => each !== null)),
  ];
  const totals = lines.filter(isTotal);
  const final = totals.filter(({ label }) => FINAL_TOTAL.test(asLetters(label)));
  const [last, ...otherLast] = valuesOf(final);
  if (last !== undefined && otherLast.length === 0) return last;
  const [only, ...others] = valuesOf(totals);
  if (only !== undefined && others.length === 0) {
    const owed = valuesOf(lines.filter(({ label }) => OWED.test(asLetters(label))));
    return owed.every((each) => each === only) ? only : null;
  }
  // Several rows are called a total, or none is: what was paid decides.
  const [paid, ...otherPaid] = valuesOf(lines.filter(({ label }) => PAID.test(label)));
  const [change, ...otherChange] = valuesOf(lines.filter(({ label }) => CHANGE.test(label)));
  if (paid === undefined || change === undefined) return null;
  if (otherPaid.length > 0 || otherChange.length > 0) return null;
  const due = paid - change;
  const isPossible = totals.length === 0 || valuesOf(totals).includes(due);
  return due > 0 && isPossible ? due : null;
}

function isSummary(line: Line): boolean {
  const label = asLetters(line.label);
  return [SUBTOTAL, TAX, PAID, CHANGE, NO_ITEM].some((each) => each.test(label)) || isTotal(line);
}

/** The rows with an amount above the first total, subtotal or tax. */
function itemsOf(lines: readonly Line[], currency: string | null): ReceiptItem[] {
  const end = lines.findIndex(isSummary);
  const rows = (end < 0 ? [] : lines.slice(0, end)).map(({ label, amount, unreadable }) => ({
    ...{ label, amount, unreadable },
    cents: amount && toMinorUnits(amount, currency),
  }));
  const first = rows.findIndex(({ cents }) => cents !== null);
  // Above the first amount are the address, the date and the time: only what leads on to it without a gap is an item.
  let start = first < 0 ? rows.length : first;
  for (let row = rows[start - 1]; row && mayBeItem(row); row = rows[start - 1]) start--;
  const found = rows.filter(({ label, amount, unreadable, cents }, i) => {
    const isOnlyUnread = i >= start && (unreadable || amount?.fraction || amount?.hasSign);
    return (cents !== null || isOnlyUnread) && /\p{L}/u.test(label);
  });
  const hasColumn = found.length > 1 && found.every(({ label }) => /^\d{1,3}\s+\p{L}/u.test(label));
  return found.map(({ label, cents }) => itemOf(label, cents, hasColumn, currency));
}

/** A last row that is the sum of the others is a subtotal by another name, if all of them together are more than the total. */
function withoutSubtotal(items: ReceiptItem[], total: number | null): ReceiptItem[] {
  const others = items.slice(0, -1);
  const sum = others.reduce((all, { amount_cents }) => all + (amount_cents ?? 0), 0);
  const isSum = others.length > 1 && items.at(-1)?.amount_cents === sum;
  return isSum && total !== null && 2 * sum > total ? others : items;
}

/** Whether a row above all amounts is an item whose own amount cannot be read. */
const mayBeItem = ({ label, unreadable }: Pick<Line, 'label' | 'unreadable'>) =>
  !!unreadable && !unreadable.mayBeTime && /\p{L}/u.test(label) && !NO_MERCHANT.test(label);

function itemOf(
  label: string,
  amount_cents: number | null,
  hasColumn: boolean,
  currency: string | null,
): ReceiptItem {
  const { name, quantity } = splitQuantity(label, hasColumn);
  const unit = amountAtEnd(name);
  const price = unit && toMinorUnits(unit, currency);
  const before = unit ? name.slice(0, unit.start).trim() : name;
  // Columns of an invoice: the quantity, the price of one, and the amount.
  const column = /^(.*\S)\s+(\d{1,3})$/.exec(before);
  const isPriceOf = (count: number | null) =>
    count !== null && price !== null && count * price === amount_cents;
  if (quantity === null && column?.[1] && isPriceOf(Number(column[2]))) {
    return { name: trimName(column[1]), quantity: Number(column[2]), amount_cents };
  }
  return { name: trimName(isPriceOf(quantity) ? before : name), quantity, amount_cents };
}

/** @param hasColumn Each item begins with a number: a column of quantities. */
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
  /\b(receipt|invoice|bill|welcome|thank|tel|phone|fax|date|datum|vat|tax|www|order|table|customer)\b|https?:|@|領収|レシート|電話|請求書|様$/i;
const HEADER_ROWS = 5;
/** Of the usual height of the header's rows. */
const LARGE = 1.3;

/** The largest of the first rows, if one is clearly larger; otherwise the first. */
function merchantOf(lines: readonly Line[]): string | null {
  const end = lines.findIndex((line) => line.amount !== null || isSummary(line));
  if (end < 1) return null;
  const names = lines
    .slice(0, Math.min(end, HEADER_ROWS))
    .filter(({ text }) => /\p{L}{2}/u.test(text) && !NO_MERCHANT.test(text) && !/\d{3}/.test(text));
  const heightOf = ({ box }: Line) => box.bottom - box.top;
  const heights = names.map(heightOf).sort((one, other) => one - other);
  const usual = heights[(heights.length - 1) >> 1] ?? 0;
  const large = names.filter((line) => heightOf(line) > LARGE * usual);
  const [only] = large.length === 1 ? large : names;
  return only?.text ?? null;
}
