/** Speaks like the vision process and does what the picture says; no networks. */
import { endWithParent } from '../../vision/end-with-parent.ts';
import type { PictureRequest } from '../../vision/protocol.ts';

endWithParent();

let looked = 0;

process.on('message', ({ id, jpeg }: PictureRequest) => {
  looked++;
  const wanted = Buffer.from(jpeg).toString();
  const label = `${wanted} ${looked} by ${process.pid}`;
  const box = { left: 0, top: 0, right: 1, bottom: 1 };
  const answer = () => {
    const detections = { objects: [{ label, score: 1, box }], faces: [], text: null };
    process.send?.({ id, detections });
  };
  switch (wanted) {
    case 'crash':
      return process.exit(3);
    case 'hang':
      for (;;);
    case 'nonsense':
      return process.send?.({ id, detections: 'none' });
    case 'no networks':
      return process.send?.({ id, error: 'no memory', bad_picture: false });
    case 'no picture':
      return process.send?.({ id, error: 'cannot be opened', bad_picture: true });
    case 'environment':
      return process.send?.({ id, error: JSON.stringify(process.env), bad_picture: true });
    default:
      return setTimeout(answer, wanted === 'slow' ? 300 : 0);
  }
});
