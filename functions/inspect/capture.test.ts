import { expect, test } from '@jest/globals';
import { cameraName, clockTime, placeOf } from './capture.ts';

test.each([
  ['2019:04:14 16:02:11', '2019-04-14T16:02:11'],
  ['2024-05-06T07:08:09+0900', '2024-05-06T07:08:09'],
  ['0000:00:00 00:00:00', null],
  ['2019:02:30 10:00:00', null],
  ['    :  :     :  :  ', null],
  ['yesterday', null],
  [undefined, null],
])('the clock %p reads %p', (text, expected) => {
  expect(clockTime(text)).toBe(expected);
});

test.each([
  ['Apple', 'iPhone 6', 'Apple iPhone 6'],
  ['NIKON CORPORATION', 'NIKON D2H', 'NIKON D2H'],
  ['FUJIFILM Corp.', 'X-T5', 'FUJIFILM X-T5'],
  ['Canon\0\0', ' Canon EOS R5\n', 'Canon EOS R5'],
  ['OLYMPUS IMAGING CORP.', '', 'OLYMPUS IMAGING'],
  [undefined, 'Pixel 8', 'Pixel 8'],
  ['', '', null],
  [7, undefined, null],
])('camera %p %p is called %p', (make, model, expected) => {
  expect(cameraName(make, model)).toBe(expected);
});

test.each([
  [35.65861111, 139.7454, { place: { latitude: 35.658611, longitude: 139.7454 } }],
  [-90, 180, { place: { latitude: -90, longitude: 180 } }],
  [0, 0, {}],
  [90.1, 10, {}],
  [Number.NaN, 10, {}],
  [undefined, undefined, {}],
])('the position %p, %p is %p', (latitude, longitude, expected) => {
  expect(placeOf(latitude, longitude)).toEqual(expected);
});
