/**
 * A vision process without networks: it does what the picture says. `at DOOR` is a picture that takes as long as the test
 * wants: the look writes itself into the file DOOR, and ends when there is a file `DOOR.open`.
 */
import { appendFileSync, existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { serve } from '@media-analysis/sandbox/child';
import { BAD_PICTURE } from '../../vision/errors.ts';
import type { Detections, PictureRequest } from '../../vision/protocol.ts';

let looked = 0;

serve(async (request) => {
  looked++;
  const wanted = Buffer.from((request as PictureRequest).jpeg).toString();
  switch (wanted) {
    case 'crash':
      process.exit(3);
      break;
    case 'hang':
      for (;;);
    case 'nonsense':
      return 'none';
    case 'no networks':
      throw new Error('no memory');
    case 'no picture':
      throw Object.assign(new Error('cannot be opened'), { code: BAD_PICTURE });
    case 'no text':
      return { ...seen(wanted), text: null };
  }
  const [, door] = /at (\S+)/.exec(wanted) ?? [];
  if (door) {
    appendFileSync(door, `${wanted}\n`);
    while (!existsSync(`${door}.open`)) await sleep(5);
  }
  return seen(wanted);
});

function seen(wanted: string): Detections {
  const text = `${wanted} ${looked} by ${process.pid}`;
  const box = { left: 0, top: 0, right: 1, bottom: 1 };
  const codes = [{ format: 'QRCode', text, score: 1, box }];
  return { objects: [], faces: [], text: [], unread: null, codes };
}
