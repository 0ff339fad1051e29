/** `npm run leaks -- --busy --photos 21600 --per-second 6`: what api, worker and stream keep of each photo. Ends with 1 beyond 1 kB. */
import { readCommand } from '../../deploy/npm-options.ts';
import { measureLeaks } from './leaks.ts';
import { bytesThatGrow, countsThatGrow } from './verdict.ts';

const USAGE = `npm run leaks [-- --photos 2000] [--warm-up 600] [--per-second 0] [--busy]

  --warm-up      photos before the first look
  --per-second   0: as fast as it goes
  --busy         beside a webhook, an open stream of a library and a search each second`;
const { photos, warmUp, perSecond, busy } = readCommand(
  'leaks',
  USAGE,
  {
    photos: { type: 'string', default: '2000' },
    'warm-up': { type: 'string', default: '600' },
    'per-second': { type: 'string', default: '0' },
    busy: { type: 'boolean', default: false },
  },
  ({ busy, ...numbers }, [more]) => {
    if (more !== undefined) throw new Error(`Unexpected argument '${more}'.`);
    for (const [name, text] of Object.entries(numbers)) {
      const least = name === 'photos' ? 1 : 0;
      if (text.trim() === '' || !(Number(text) >= least))
        throw new Error(`--${name} ${text}: write a number of at least ${least}.`);
    }
    return {
      photos: Number(numbers.photos),
      warmUp: Number(numbers['warm-up']),
      perSecond: Number(numbers['per-second']),
      busy,
    };
  },
);
process.env.METADATA_SERVER_DETECTION = 'none';
const started = performance.now();
const report = await measureLeaks({
  photos,
  warmUp,
  busy,
  ...(perSecond > 0 && { perSecond }),
  onProgress: (sent) => process.stderr.write(`\r${sent} photos`),
});
process.stderr.write('\n');
console.table(
  Object.fromEntries(
    Object.entries(report).map(([unit, { before, after, bytesPerPhoto }]) => [
      unit,
      {
        'bytes a photo': Math.round(bytesPerPhoto),
        'MB kept': `${toMegabytes(before.bytes)} → ${toMegabytes(after.bytes)}`,
        'MB resident': `${toMegabytes(before.resident)} → ${toMegabytes(after.resident)}`,
        timers: `${before.objects.Timeout} → ${after.objects.Timeout}`,
        functions: `${before.objects.Function} → ${after.objects.Function}`,
        listeners: `${before.listeners} → ${after.listeners}`,
        'open files': `${before.openFiles} → ${after.openFiles}`,
      },
    ]),
  ),
);
const growth = [...countsThatGrow(report), ...bytesThatGrow(report)];
for (const line of growth) console.error(line);
const seconds = Math.round((performance.now() - started) / 1_000);
console.log(`${photos} photos, ${seconds} s: ${growth.length === 0 ? 'nothing grows' : 'GROWS'}`);
process.exitCode = growth.length === 0 ? 0 : 1;

function toMegabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
