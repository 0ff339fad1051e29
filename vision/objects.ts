/** Finds objects with MobileNetV3-CenterNet, trained on COCO. */
import { outOfSquare, type Scored, withoutDoubles } from './geometry.ts';
import { LABELS } from './labels.ts';
import type { Picture } from './picture.ts';
import { MAX_OBJECTS } from './protocol.ts';
import { type GraphModel, loadNetwork, run } from './tensorflow.ts';

export interface FoundObject extends Scored {
  /** One of `LABELS`. */
  label: string;
}

/** Side of the network's square input in pixels; RGB values from 0 to 255. */
const SIDE = 512;
/** The output's name. Each row has left, top, right and bottom in pixels, the score and the class. */
const DETECTIONS = 'tower_0/detections';
const ROW_NUMBERS = 6;
const NONE = new Float32Array();
/** Most findings below this score are wrong; see `SURE` in `picture-content.ts`. */
const MIN_SCORE = 0.35;
const MAX_OVERLAP = 0.5;
/** A box that is thinner than this fraction of the picture is noise. */
const MIN_EXTENT = 0.01;

let network: Promise<GraphModel> | undefined;

export async function findObjects(picture: Picture): Promise<FoundObject[]> {
  network ??= loadNetwork('centernet');
  const pixels = await picture.inSquare(SIDE);
  const [rows = NONE] = await run(await network, SIDE, pixels, (value) => value, [DETECTIONS]);
  const found: FoundObject[] = [];
  for (let at = 0; at < rows.length; at += ROW_NUMBERS) {
    const object = readRow([...rows.subarray(at, at + ROW_NUMBERS)], picture);
    if (object) found.push(object);
  }
  return withoutDoubles(found, MAX_OVERLAP).slice(0, MAX_OBJECTS);
}

function readRow(
  [left = 0, top = 0, right = 0, bottom = 0, score = 0, kind = -1]: number[],
  { width, height }: Picture,
): FoundObject | null {
  const label = LABELS[kind];
  if (label === undefined || score < MIN_SCORE) return null;
  const square = { left: left / SIDE, top: top / SIDE, right: right / SIDE, bottom: bottom / SIDE };
  const box = outOfSquare(square, width, height);
  const thin = Math.min(box.right - box.left, box.bottom - box.top) < MIN_EXTENT;
  return thin ? null : { label, score, box };
}
