/** The short form of `npm run leaks`: after 300 photos a unit has the objects, listeners, timers and files that it had before. */
import { expect, test } from '@jest/globals';
import { measureLeaks } from '../leaks/leaks.ts';
import { countsThatGrow, MAX_OBJECTS_PER_PHOTO_OF_HUNDREDS } from '../leaks/verdict.ts';

/** V8 counts objects for seconds, and on a busy machine for minutes. */
const LIMIT_MS = 20 * 60_000;

test(
  'no unit keeps anything of a photo',
  async () => {
    // The work on a photo takes far longer than to accept it, so only api gets all of them.
    const report = await measureLeaks({ warmUp: 30, photos: 90, uploads: 210, kinds: 'two' });
    expect(countsThatGrow(report, MAX_OBJECTS_PER_PHOTO_OF_HUNDREDS)).toEqual([]);
  },
  LIMIT_MS,
);
