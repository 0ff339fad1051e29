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

const ROUNDED_IN_CASH =
  'Total RM 12.52\nRounding Adj -0.02\nNett 12.50\nCash RM 20.00\nChange RM 7.50';

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
      name: 'Cheeseburger',
      quantity: 2,
      amount_cents: 1_798,
    });
    expect(read('7 Up £1.00\nCrisps £2.00\nTOTAL £3.00').items[0]).toMatchObject({
      name: '7 Up',
      quantity: null,
    });
  });

  test('may have a quantity and the price of one in columns, if the numbers agree', () => {
    expect(read('Oak shelf 90 cm 2 48.00 96.00\nTotal 96.00 GBP').items).toEqual([
      { name: 'Oak shelf 90 cm', quantity: 2, amount_cents: 9_600 },
    ]);
    expect(read('Room 4 6.50 27.00\nTotal 27.00 GBP').items).toEqual([]);
  });

  test('are not the net sum', () => {
    const names = (text: string) => read(text).items.map(({ name }) => name);
    expect(names('2 Tea £2.00\n1 Jam £3.00\nNet £4.20\nVAT £0.80\nTotal £5.00')).toEqual([
      'Tea',
      'Jam',
    ]);
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

describe('there are no items where they do not add up to what is printed', () => {
  test.each([
    ['an amount was misread', 'Jam £8.00\nTea £2.75\nTOTAL £5.75'],
    ['an amount cannot be read', 'Jam £3.00\nTea 2:95\nTOTAL £5.75'],
    ['a tax is not printed', 'Oil £2.00\nLabour £3.00\nTotal £6.00'],
    ['the discount is below them', 'Jam £3.00\nTea £2.75\nVoucher -£1.00\nTea £1.00\nTOTAL £4.00'],
    ['neither total nor subtotal can be read', 'Jam £3.00\nTea £2.75\nTOTAL £5;75'],
    ['a name was not read', 'Jam £3.00\nTea £1.00\n£1.75\nTOTAL £5.75'],
    ['a name is in another row', 'Qty Price Amount\n40117 1 7.40 7.40 SR\nPAINT\nTotal 7.40'],
    ['there are only taxes of each', 'Chair 1 12.90 0.00 12.90\nTotal 12.90'],
  ])('%s', (_, text) => {
    expect(read(text).items).toEqual([]);
  });

  test('they may add up to the subtotal', () => {
    const { items } = read(
      'Jam RM3.00\nTea RM2.75\nSub Total RM5.75\nService RM0.58\nTotal RM6.33',
    );
    expect(items.map(({ name }) => name)).toEqual(['Jam', 'Tea']);
  });

  test('they may add up to the total without a tax, and their sum may have another name', () => {
    const { items } = read('Oil £2.00\nLabour £3.00\nParts £5.00\nVAT £1.00\nTotal £6.00');
    expect(items.map(({ name }) => name)).toEqual(['Oil', 'Labour']);
  });

  test('an oil change gives no money back', () => {
    const { items, total_cents } = read('Oil change 45.00\nFilter 5.00\nTotal 50.00\nCash 50.00');
    expect([items.length, total_cents]).toEqual([2, 5_000]);
  });

  test('an amount that is hardly read is right if they add up with it', () => {
    const { items } = read('17:42\nJam £3.00\nTea 2:75\nTOTAL £5.75');
    expect(items.map(({ amount_cents }) => amount_cents)).toEqual([300, 275]);
  });

  test('a rounding is no item', () => {
    const text =
      'Jam RM3.00\nTea RM2.77\nROUNDING ADJUSTMENTS RM-0.02\nTotal RM5.75\nSubtotal RM5.77';
    expect(read(text).items.map(({ name }) => name)).toEqual(['Jam', 'Tea']);
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
    ['with the tax in it', 'Total (Incl. GST 6%) RM 12.50', 1_250],
    ['not the one without tax', 'Total Excl GST RM 10.00\nTotal Inclusive of GST RM 10.60', 1_060],
    ['after the rounding', 'Total RM 12.52\nRounding -0.02\nTotal RM 12.50', 1_250],
    ['before the rounding, if that is what was paid', ROUNDED_IN_CASH, 1_250],
    [
      'above a table of taxes',
      `Total RM 12.50\nGST Summary\nSR 6% 11.79 0.71\nTotal 11.79 0.71`,
      1_250,
    ],
    ['that was paid, if nothing else is called one', 'Lost ticket\nTotal paid £5.00', 500],
    ['not what was handed over', 'Total RM 5.00\nTotal paid RM 10.00\nChange RM 5.00', 500],
    ['with a letter for the tax behind it', 'Total 12.50 SR', 1_250],
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
    ['the tax in a table', 'GST Summary Amount Tax\nSR @6% 6.00 0.36\nTotal 6.00 0.36'],
    ['the tax in a table without a head', 'SR 6% 29.24 1.76\nTotal 29.24 1.76'],
    ['a tax that is in it', 'GST @6% included in total 0.36\nTotal includes 6% GST 0.36'],
    ['what cash and change contradict', 'Total 0.36\nCash 10.00\nChange 3.64'],
    ['what was due before a rounding', 'Total RM 12.52\nRounding -0.02'],
    ['what was due before one that cannot be read', 'Total RM 12.52\nRounding Adj: 002'],
    ['one of two in a row', 'Total SV 10.56 Total GV 10.55'],
    ['what would be due after a rounding', 'Total 2.28\nCash 3.00\nRounding 0.02\nChange 0.70'],
    ['an amount behind a number', 'Total 3 150.00'],
    ['zero', 'Total 0.00'],
    ['stamps or supplies', 'Total stamps 1.00\nTotal 6% supplies 7.20'],
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
    ['Malaysian ringgit', 'Total RM 5.00', 'MYR'],
    ['ringgit at the head of a column', 'Item Amount (RM)\nTotal 5.00', 'MYR'],
    ['a room', 'Room RM 5\nTotal 5.00', null],
    ['dollars with the tax of another country', 'Selangor DE 43800\nGST\nTotal $5.00', null],
    ['three letters of a name', 'SEK YEN TRADING\nTotal 5.00', null],
    ['a sign that was misread', 'Tea £5.00\nTotal RM5.00', null],
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
    ['5-Aug-17', '2017-08-05'],
    ['TTL 1.7.20', null],
    ['03.11.26', '2026-11-03'],
    ['18-06-04', null],
    ['26/1/2026', '2026-01-26'],
    ['06/2/2026 £1', null],
    ['12/03/2026 RM1.00', '2026-03-12'],
    ['26/03/12 ¥500 合計', null],
  ])('%s is %s', (text, date) => {
    expect(read(text).date).toBe(date);
  });
});

describe('the merchant', () => {
  const header = '5 Mill Lane, Bath\nTHE MILL\nInvoice\nTea £5.00\nTOTAL £5.00';

  test('is the largest row above the items', () => {
    expect(readReceipt(rowsOf(header, ['THE MILL'])).merchant).toBe('THE MILL');
  });

  test.each([
    ['PAPER HOUSE', 'PAPER HOUSE\n22 High Street, York\nTotal 5.00'],
    ['KEDAI BUKU ANGGUN SDN BHD', 'Siti\nKEDAI BUKU ANGGUN SDN BHD (501188-W)\nTotal 5.00'],
    ['Holz & Farben GmbH', 'Filiale Nord\nHolz & Farben GmbH\nSumme 5,00'],
  ])('is the first row, or a company: %s', (merchant, text) => {
    expect(read(text).merchant).toBe(merchant);
  });

  test.each([
    'Tea £5.00\nTOTAL £5.00',
    'RECEIPT\nTel 01904 555 012\nTea £5.00\nTOTAL £5.00',
    'LOT 7, JALAN PERMAI 2,\nTAMAN INDAH\nTotal 5.00',
    '3180404\nTAMAN INDAH\nTotal 5.00',
    'Thank you for shopping with us\nTAMAN INDAH\nTotal 5.00',
  ])('is not made up (%#)', (text) => {
    expect(read(text).merchant).toBeNull();
  });
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
