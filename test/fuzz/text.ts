/** Texts that have broken parsers before. */
import type { Random } from './random.ts';

const TEXTS = [
  '',
  ' ',
  '.',
  '..',
  '../../etc/passwd',
  '__proto__',
  'constructor',
  'hasOwnProperty',
  '__a__',
  'null',
  'undefined',
  'NaN',
  '-1',
  '0',
  '1e309',
  '9'.repeat(40),
  '99999999999.999999999.a',
  '%',
  '%00',
  '%ff%fe',
  '%E0%A4%A',
  '\0',
  '\u0001\u001f\u007f',
  '\r\n',
  '\r\nX: y',
  '\n\ndata: {}\n\n',
  '"',
  '\\"',
  "'; --",
  'a;b=c',
  '<script>',
  '\ud800',
  '\u2028',
  '\u202ecod.exe',
  '写真',
  '😀',
  'e\u0301',
  'x'.repeat(300),
  'x'.repeat(3_000),
  '[object Object]',
  '{}',
  '#{7*7}',
  '*',
  '/',
  '//',
  'a/b',
  'a,b,,c',
];

export function anyText(random: Random): string {
  if (random.chance(0.7)) return random.pick(TEXTS);
  if (random.chance(0.5)) return random.pick(TEXTS) + random.pick(TEXTS);
  return random.bytes(random.int(40)).toString('latin1');
}

/** Changes a few bytes: one flipped, cut out, doubled, or replaced by what parsers look for. */
export function corrupt(bytes: Buffer, random: Random): Buffer {
  let result = bytes;
  for (let times = 1 + random.int(4); times > 0; times--) {
    const at = random.int(result.length + 1);
    const until = Math.min(result.length, at + random.int(random.chance(0.2) ? 2_000 : 20));
    const replacement = random.pick<() => Buffer>([
      () => Buffer.alloc(0),
      () => random.bytes(1 + random.int(8)),
      () => Buffer.concat([result.subarray(at, until), result.subarray(at, until)]),
      () => Buffer.from(random.pick(['\r\n', '\r', '\n', '--', '\r\n\r\n', '\0', ':', ';', '"'])),
      () => Buffer.from(anyText(random)),
    ])();
    result = Buffer.concat([result.subarray(0, at), replacement, result.subarray(until)]);
  }
  return result;
}
