import { expect, test } from '@jest/globals';
import { leftOut } from './systems.ts';

test('nothing is left out on Linux, and elsewhere a line says what', () => {
  expect(leftOut('linux')).toBeUndefined();
  expect(leftOut('darwin')).toMatch(
    /^Left out on darwin: tests of [^;]*\/proc[^;]*; [^;]*address[^;]*; [^;]*\(script\)\.$/,
  );
  expect(leftOut('win32')).toMatch(/^Left out on win32: .*\/proc.*;.*ps.*;.*signal.*;.*bash.*\.$/);
});
