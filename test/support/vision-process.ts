/** A vision process without networks: it does what the picture says. */
import { serve } from '@media-analysis/sandbox/child';
import { BAD_PICTURE } from '../../vision/errors.ts';
import type { PictureRequest } from '../../vision/protocol.ts';

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
    case 'slow':
      await new Promise((resolve) => setTimeout(resolve, 300));
  }
  const label = `${wanted} ${looked} by ${process.pid}`;
  const box = { left: 0, top: 0, right: 1, bottom: 1 };
  return { objects: [{ label, score: 1, box }], faces: [], text: null, unread: null, codes: [] };
});
