import { describe, expect, test } from '@jest/globals';
import { readReceipt } from './receipt.ts';

/** Rows as `local/vision` gives them: text, and boxes from the top down. */
function rowsOf(text: string, tall: string[] = []) {
  return text
    .trim()
    .split('\n')
    .map((line, i) => {
      const row = line.trim();
      const height = tall.includes(row) ? 0.04 : 0.02;
      const top = i * 0.05;
      return { text: row, box: { left: 0.1, top, right: 0.9, bottom: top + height } };
    });
}
const read = (text: string) => readReceipt(rowsOf(text));

const BRITISH = `
  GREEN GROCER
  22 High Street, York
  Tel 01904 555 012
  12/03/2026 14:32
  BREAD WHOLEMEAL £1.45
  BANANAS 0.84kg £0.92
  OAT MILK 1L x2 £3.60
  SUBTOTAL £5.97
  VAT £0.00
  TOTAL £5.97
  CASH £20.00
  CHANGE £14.03
  THANK YOU`;
const GERMAN = `
  Bäckerei Sommer
  Hauptstraße 5, 10115 Berlin
  Datum 03.11.2026 08:12
  2 x Brötchen 0,45 0,90
  Apfelkuchen 2,80
  Zwischensumme 3,70
  MwSt 7% 0,24
  SUMME EUR 3,70
  Bar 10,00
  Rückgeld 6,30`;
const AMERICAN = `
  Joe's Diner
  418 Main St, Austin TX 78701
  03/12/2026 7:05 PM
  2 Cheeseburger $17.98
  1 French Fries $4.50
  Subtotal $22.48
  Sales Tax 8.25% $1.85
  Total $24.33
  VISA **** 4412 $24.33`;
const JAPANESE = `
  東京マート新宿店
  東京都新宿区西新宿1-2-3
  2026年3月12日 14:32
  食パン6枚切 ￥158
  トマト 3個 ￥298
  小計 ￥456
  消費税8% ￥36
  合計 ¥1,492
  お預り ¥2,000
  お釣り ￥508`;

test.each([
  ['British', BRITISH, 'GREEN GROCER', '2026-03-12', 'GBP', 597],
  ['German', GERMAN, 'Bäckerei Sommer', '2026-11-03', 'EUR', 370],
  ['American', AMERICAN, "Joe's Diner", '2026-03-12', 'USD', 2_433],
  ['Japanese', JAPANESE, '東京マート新宿店', '2026-03-12', 'JPY', 1_492],
])('a %s receipt', (_, text, merchant, date, currency, total_cents) => {
  expect(read(text)).toMatchObject({ merchant, date, currency, total_cents });
});

describe('items', () => {
  test('are the rows with an amount above the first subtotal', () => {
    expect(read(BRITISH).items).toEqual([
      { name: 'BREAD WHOLEMEAL', quantity: null, amount_cents: 145 },
      { name: 'BANANAS 0.84kg', quantity: null, amount_cents: 92 },
      { name: 'OAT MILK 1L', quantity: 2, amount_cents: 360 },
    ]);
  });

  test('have the quantity before the name, and not the price of one in it', () => {
    expect(read(GERMAN).items).toEqual([
      { name: 'Brötchen', quantity: 2, amount_cents: 90 },
      { name: 'Apfelkuchen', quantity: null, amount_cents: 280 },
    ]);
    expect(read(JAPANESE).items).toEqual([
      { name: '食パン6枚切', quantity: null, amount_cents: 158 },
      { name: 'トマト', quantity: 3, amount_cents: 298 },
    ]);
  });

  test('begin with a quantity only if all of them begin with a number', () => {
    expect(read(AMERICAN).items[0]).toEqual({
      ...{ name: 'Cheeseburger', quantity: 2, amount_cents: 1_798 },
    });
    expect(read('7 Up £1.00\nCrisps £2.00\nTOTAL £3.00').items[0]).toMatchObject({
      ...{ name: '7 Up', quantity: null },
    });
  });

  test('may have a quantity and the price of one in columns, if the numbers agree', () => {
    const { items } = read('Oak shelf 90 cm 2 48.00 96.00\nRoom 4 6.50 27.00\nTotal 123.00 GBP');
    expect(items).toEqual([
      { name: 'Oak shelf 90 cm', quantity: 2, amount_cents: 9_600 },
      { name: 'Room 4 6.50', quantity: null, amount_cents: 2_700 },
    ]);
  });

  test('are neither the net sum nor a sum by another name', () => {
    const names = (text: string) => read(text).items.map(({ name }) => name);
    expect(names('2 Tea £2.00\n1 Jam £3.00\nNet £4.20\nVAT £0.80\nTotal £5.00')).toEqual([
      ...['Tea', 'Jam'],
    ]);
    expect(names('Oil £2.00\nLabour £3.00\nParts £5.00\nVAT £1.00\nTotal £6.00')).toEqual([
      ...['Oil', 'Labour'],
    ]);
    expect(names('Oil £2.00\nLabour £3.00\nParts £5.00\nTotal £10.00')).toHaveLength(3);
    expect(names('Tea £1.00\nNet curtain £9.00\nTotal £10.00')).toHaveLength(2);
  });

  test('may be discounts', () => {
    const { items } = read('Jam £3.00\nOffer -£0.50\nTOTAL £2.50');
    expect(items.map(({ amount_cents }) => amount_cents)).toEqual([300, -50]);
  });

  test('may have their amount in the row below', () => {
    expect(read('APPLES\n£1.20\nTOTAL\n£1.20')).toMatchObject({
      total_cents: 120,
      items: [{ name: 'APPLES', amount_cents: 120 }],
    });
  });
});

describe('an item whose amount cannot be read stays, without the amount', () => {
  const unread = (name: string) => ({ name, quantity: null, amount_cents: null });
  const jam = { name: 'Jam', quantity: null, amount_cents: 300 };

  test.each(['2:75', '2;75', '£2:75', '1.2O', '12.5', '1.234.56', '2:45', "1'2S"])(
    '%s',
    (price) => {
      expect(read(`Jam £3.00\nTea ${price}\nTOTAL £5.75`).items).toEqual([jam, unread('Tea')]);
    },
  );

  test('also if it is the first, or if no amount can be read', () => {
    const first = read('The Mill\nTea 2:75\nMilk 1:80\nJam £3.00\nTOTAL £5.75').items;
    expect(first).toEqual([unread('Tea'), unread('Milk'), jam]);
    expect(read('The Mill\nTea 2:75\nTOTAL £2.75').items).toEqual([unread('Tea')]);
  });

  test('or if its amount is in the row below, or has cents in a currency without cents', () => {
    expect(read('Jam £3.00\nTea\n2:75\nTOTAL £5.75').items).toEqual([jam, unread('Tea')]);
    const { items } = read('トマト ￥298\n緑茶 ￥1.28\n合計 ￥426');
    expect(items.map(({ amount_cents }) => amount_cents)).toEqual([298, null]);
  });

  test('keeps its quantity', () => {
    const { items } = read('Jam £3.00\nTea x2 2:75\nTOTAL £5.75');
    expect(items[1]).toEqual({ name: 'Tea', quantity: 2, amount_cents: null });
  });
});

test.each([
  'ENTRY 08:31\nEXIT 12:56\nTOTAL £5.00',
  'Date 12.03.2026 14:32\nTel 01904.555.012\nTOTAL £5.00',
  '12/03/26 14:32\nTable 7 Server 2\nTOTAL £5.00',
  'Till 3 12.03.26\nTOTAL £5.00',
])('no item is made of what is above the items (%#)', (text) => {
  expect(read(text).items).toEqual([]);
});

describe('the total', () => {
  test.each([
    ['with a point and groups', 'TOTAL £1,234.56', 123_456],
    ['with a comma and groups', 'SUMME € 1.234,56', 123_456],
    ['with a comma behind a space', 'Gesamtbetrag 12 ,50 EUR', 1_250],
    ['with the currency behind', 'Total 12,50€', 1_250],
    ['in whole pounds', 'Total £12', 1_200],
    ['in yen', '合計 1,172円', 1_172],
    ['with a zero for the letter O', 'T0TAL £5.00', 500],
    ['the last of several kinds', 'Total £5.00\nTip £1.00\nGrand Total £6.00', 600],
    ['said twice', 'Total £5.00\nTotal £5.00', 500],
    ['without a label, from what was paid', 'Tea £5.00\nCash £10.00\nChange £5.00', 500],
    ['the one that was paid', 'Total £4.00\nTotal £5.00\nCash £10.00\nChange £5.00', 500],
  ])('%s', (_, text, total) => {
    expect(read(text).total_cents).toBe(total);
  });

  test.each([
    ['a subtotal', 'Subtotal £5.00\nSub-total £5.00\n小計 ¥500'],
    ['a tax', 'Tax total £1.00\nVAT total £1.00'],
    ['a number of items', 'Total items 3\n合計点数 3'],
    ['what was saved', 'Total savings £1.00'],
    ['what was paid, or the change', 'Cash £10.00\nCard £5.00'],
    ['two different totals', 'Total £4.00\nTotal £5.00'],
    ['a whole number without a currency', 'Total 1172'],
    ['an amount that can be read in two ways', 'Total £1.234.56'],
    ['half of an amount', 'Total £12.5'],
    ['the name of a file', 'total.test.ts: rounding off by 0.01'],
    ['a page without one', 'Region-based segmentation\nLet us first'],
  ])('is not %s', (_, text) => {
    expect(read(text).total_cents).toBeNull();
  });
});

describe('the currency is not guessed', () => {
  test.each([
    ['dollars without a country', 'Total $5.00', null],
    ['dollars of Canada', 'Total CAD $5.00', 'CAD'],
    ['yen or yuan', 'Total ¥500', null],
    ['two of them', 'Total €5.00\nin GBP 4.30', null],
    ['none', 'Total 5.00', null],
  ])('%s', (_, text, currency) => {
    expect(read(text).currency).toBe(currency);
  });
});

describe('the date', () => {
  test.each([
    ['2026-03-12', '2026-03-12'],
    ['12 March 2026', '2026-03-12'],
    ['Mar 12, 2026', '2026-03-12'],
    ['31/12/2026', '2026-12-31'],
    ['12/31/26', '2026-12-31'],
    ['12/03/2026 £1', '2026-03-12'],
    ['12/03/2026', null],
    ['2026-02-30', null],
    ['1.2.2026 and 3.2.2026', null],
    ['Date 1.2.2026\ndue 3.2.2026', '2026-02-01'],
    ['01904 555 012', null],
  ])('%s is %s', (text, date) => {
    expect(read(text).date).toBe(date);
  });
});

describe('the merchant', () => {
  const header = '5 Mill Lane, Bath\nTHE MILL\nInvoice\nTea £5.00\nTOTAL £5.00';

  test('is the largest row above the items', () => {
    expect(readReceipt(rowsOf(header, ['THE MILL'])).merchant).toBe('THE MILL');
  });

  test.each(['Tea £5.00\nTOTAL £5.00', 'RECEIPT\nTel 01904 555 012\nTea £5.00\nTOTAL £5.00'])(
    'is not made up (%#)',
    (text) => {
      expect(read(text).merchant).toBeNull();
    },
  );
});

describe('a total that may not be the last word is not stated', () => {
  test.each([
    ['Total HT 10,00 EUR\nTVA 2,00 EUR\nNet a payer 12,00 EUR'],
    ['Gesamt netto 8,40 EUR\nMwSt 1,60 EUR\nEndbetrag 10,00 EUR'],
    ['Total excl. 10.00 USD\nto collect 12.00 USD'],
    ['Total before rebate US$10.00\nRebate US$3.00\nYou pay US$7.00'],
    ['Total US$21.60\nTip US$4.00\nAmount charged US$25.60'],
    ['Total balance forward US$120.00\nCharges US$40.00'],
    ['Total Club Rewards US$1.50'],
    ['小計 ¥500\n合計個数 ¥3\nお支払 ¥540'],
  ])('%j', (text) => {
    expect(read(text).total_cents).toBeNull();
  });
});
