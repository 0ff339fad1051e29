/** Forms that are nearly right: built by the grammar of RFC 7578, then bent in one or several places. */
import type { Random } from './random.ts';
import { anyText, corrupt } from './text.ts';

export interface Form {
  contentType: string | undefined;
  body: Buffer;
  /** Whether nothing about it was bent: it must be accepted. */
  isSound: boolean;
}

const TYPES = ['image/png', 'image/jpeg', 'application/octet-stream', 'video/mp4'];
const BENT_TYPES = [
  'text/html',
  'image/svg+xml',
  '',
  'a',
  'image/png; charset=utf-16le',
  'x/y; z="',
];
const CHARSETS = ['utf-8', 'latin1', 'utf-16le', 'us-ascii', 'shift_jis', 'x-user-defined', ''];

export function anyForm(random: Random): Form {
  const bent = random.chance(0.85);
  const boundary = bent ? anyBoundary(random) : 'xyz';
  const count = bent ? random.int(random.chance(0.1) ? 60 : 5) : 1 + random.int(3);
  const parts = Array.from({ length: count }, () => anyPart(random, bent, boundary));
  const pieces = parts.flatMap((part) => [`--${boundary}\r\n`, part, '\r\n']);
  const all = [
    bent && random.chance(0.1) ? anyText(random) : '',
    ...pieces,
    bent && random.chance(0.15) ? '' : `--${boundary}--\r\n`,
    bent && random.chance(0.1) ? anyText(random) : '',
  ];
  const body = Buffer.concat(all.map((piece) => Buffer.from(piece)));
  return {
    contentType: bent
      ? anyContentType(random, boundary)
      : `multipart/form-data; boundary=${boundary}`,
    body: bent && random.chance(0.6) ? corrupt(body, random) : body,
    isSound: !bent,
  };
}

function anyBoundary(random: Random): string {
  return random.pick([
    'xyz',
    'xyz',
    'x',
    '-',
    '--',
    'a b',
    "'()+_,-./:=?",
    'x'.repeat(70),
    'x'.repeat(500),
  ]);
}

function anyContentType(random: Random, boundary: string): string | undefined {
  const good = `multipart/form-data; boundary=${boundary}`;
  if (random.chance(0.8)) return good;
  return random.pick([
    undefined,
    `multipart/form-data; boundary="${boundary}"`,
    `multipart/form-data; boundary="${boundary}`,
    `Multipart/Form-Data;BOUNDARY=${boundary};charset=utf-8`,
    'multipart/form-data',
    'multipart/form-data; boundary=',
    'multipart/form-data; boundary=""',
    `multipart/form-data; xboundary=abc; boundary=${boundary}`,
    `${good}; boundary=other`,
    `multipart/mixed; boundary=${boundary}`,
    'application/json',
    'application/x-www-form-urlencoded',
    `multipart/form-data; ${random.bytes(10).toString('hex')}`,
  ]);
}

function anyPart(random: Random, bent: boolean, boundary: string): Buffer {
  const isFile = !bent || random.chance(0.7);
  const name = bent && random.chance(0.3) ? anyText(random) : isFile ? 'files' : 'language';
  const fileName = bent ? anyText(random) : `photo ${random.int(100)}.png`;
  const headers = [disposition(random, bent, name, isFile ? fileName : undefined)];
  if (isFile)
    headers.push(`Content-Type: ${random.pick(bent ? [...TYPES, ...BENT_TYPES] : TYPES)}`);
  if (bent) headers.push(...strangeHeaders(random));
  const body = isFile
    ? anyBytes(random, bent, boundary)
    : Buffer.from(bent ? anyText(random) : 'en');
  return Buffer.concat([Buffer.from(`${headers.join('\r\n')}\r\n\r\n`), body]);
}

function disposition(random: Random, bent: boolean, name: string, fileName?: string): string {
  const form = `Content-Disposition: form-data; name="${name}"`;
  if (fileName === undefined) return form;
  if (!bent || random.chance(0.7)) return `${form}; filename="${fileName}"`;
  return random.pick([
    `${form}; filename=${fileName}`,
    `${form}; filename*=UTF-8''${encodeURIComponent(fileName.toWellFormed())}`,
    `${form}; filename*=utf-16'en'${fileName}`,
    `${form}; filename*=${fileName}; filename="${fileName}"`,
    `Content-Disposition: attachment; filename="${fileName}"`,
    `content-disposition:form-data;name=a;name=b;filename="${fileName}"`,
    `Content-Disposition: ${fileName}`,
    '',
  ]);
}

function strangeHeaders(random: Random): string[] {
  const all = [
    `X-${random.int(100)}: ${anyText(random)}`,
    `Content-Transfer-Encoding: ${random.pick(['base64', 'quoted-printable', 'binary', 'x'])}`,
    `Content-Type: text/plain; charset=${random.pick(CHARSETS)}`,
    ` folded: ${anyText(random)}`,
    'no colon',
    `A: ${'b'.repeat(random.int(20_000))}`,
  ];
  return random.chance(0.3) ? [random.pick(all)] : [];
}

function anyBytes(random: Random, bent: boolean, boundary: string): Buffer {
  const length = 1 + random.int(random.chance(0.1) ? 100_000 : 300);
  if (!bent) return Buffer.alloc(1 + random.int(10_000), 'a');
  return random.pick<() => Buffer>([
    () => Buffer.alloc(0),
    () => Buffer.alloc(length, 7),
    () => random.bytes(Math.min(length, 300)),
    () => Buffer.from(`\r\n--${boundary.slice(0, -1)}`.repeat(1 + random.int(20))),
    () => Buffer.from(`\r\n--${boundary}`.repeat(1 + random.int(200))),
  ])();
}
