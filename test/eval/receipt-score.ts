/** How right an answer of the analysis `receipt` is, against what a person read. */
import { z } from 'zod';
import type { Label } from './labels.ts';

export interface ReceiptScore {
  /** null: the picture shows no receipt. */
  total: boolean | null;
  currency: boolean | null;
  date: boolean | null;
  /** Rows with the right name, amount and quantity. */
  rows: number;
  writtenRows: number;
  /** Values that were stated and are not there. A wrong amount is worse than none. */
  wrong: string[];
}

const answerSchema = z.object({
  date: z.string().nullable(),
  currency: z.string().nullable(),
  total_cents: z.number().nullable(),
  items: z.array(
    z.object({
      name: z.string(),
      quantity: z.number().nullable(),
      amount_cents: z.number().nullable(),
    }),
  ),
});
type Row = z.infer<typeof answerSchema>['items'][number];
type Written = NonNullable<Label['receipt']>;

/** @param written What a person read; null if it is no receipt. */
export function receiptScoreOf(output: unknown, written: Written | null): ReceiptScore {
  const { date, currency, total_cents, items } = answerSchema.parse(output);
  const left = [...(written?.items ?? [])];
  const wrong: string[] = [];
  for (const row of items) {
    const at = left.findIndex((each) => isSame(row, each));
    if (at >= 0) left.splice(at, 1);
    // A row that says that its amount cannot be read is missing, and not wrong.
    else if (row.amount_cents !== null) wrong.push(`${row.name}: ${row.amount_cents}`);
  }
  const check = (name: string, value: string | number | null, right: unknown[]) => {
    const isRight = right.includes(value);
    if (!isRight && value !== null) wrong.push(`${name} ${value}`);
    return written && isRight;
  };
  const writtenRows = written?.items.length ?? 0;
  return {
    total: check('total', total_cents, [written?.total_cents ?? null]),
    currency: check('currency', currency, written?.currency ?? [null]),
    date: check('date', date, [written?.date ?? null]),
    rows: writtenRows - left.length,
    writtenRows,
    wrong,
  };
}

function isSame({ name, quantity, amount_cents }: Row, written: Written['items'][number]): boolean {
  return (
    amount_cents === written.amount_cents &&
    written.name.some((each) => letters(each) === letters(name)) &&
    (written.quantity === undefined || quantity === written.quantity)
  );
}

/** Spaces, punctuation and capitals do not count. */
function letters(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
}
