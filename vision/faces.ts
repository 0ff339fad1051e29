/**
 * Finds faces, to count people. BlazeFace proposes regions and FaceMesh checks them, because BlazeFace alone takes a cat
 * or a cup of coffee for a face.
 */
import { outOfSquare, type Scored, withoutDoubles } from './geometry.ts';
import type { Picture } from './picture.ts';
import { MAX_FACES } from './protocol.ts';
import { type GraphModel, loadNetwork, run } from './tensorflow.ts';

const SIDE = 256;
const MESH_SIDE = 192;
/** FaceMesh was trained on faces with this much around them. */
const MESH_MARGIN = 1.5;
const MIN_PROPOSAL = 0.6;
const MIN_PRESENCE = 0.7;
const MAX_OVERLAP = 0.3;

/** The grids of BlazeFace's two outputs. The fine grid has two boxes at each point, the coarse one six. */
const ANCHORS = [
  ...anchorsOf({ cells: SIDE / 16, boxes: 2 }),
  ...anchorsOf({ cells: SIDE / 32, boxes: 6 }),
];
const FINE_ANCHORS = 512;
/** Numbers for each box: centre, size, and six landmarks that this file does not use. */
const BOX_NUMBERS = 16;

function anchorsOf({ cells, boxes }: { cells: number; boxes: number }) {
  const points = Array.from({ length: cells * cells }, (_, i) => ({
    x: ((i % cells) + 0.5) / cells,
    y: (Math.floor(i / cells) + 0.5) / cells,
  }));
  return points.flatMap((point) => Array<typeof point>(boxes).fill(point));
}

let networks: Promise<[GraphModel, GraphModel]> | undefined;

export async function findFaces(picture: Picture): Promise<Scored[]> {
  networks ??= Promise.all([loadNetwork('blazeface'), loadNetwork('facemesh')]);
  const [blazeface, facemesh] = await networks;
  const faces: Scored[] = [];
  for (const proposal of (await propose(blazeface, picture)).slice(0, MAX_FACES)) {
    const crop = await picture.squareAround(proposal.box, MESH_MARGIN, MESH_SIDE);
    const presence = crop ? await presenceIn(facemesh, crop) : 0;
    if (presence < MIN_PRESENCE) continue;
    faces.push({ ...proposal, score: Math.min(proposal.score, presence) });
  }
  return faces;
}

async function propose(blazeface: GraphModel, picture: Picture): Promise<Scored[]> {
  const pixels = await picture.inSquare(SIDE);
  const outputs = await run(blazeface, SIDE, pixels, (value) => value / 127.5 - 1);
  outputs.sort((one, other) => one.length - other.length);
  // Sorted by length: scores of the coarse grid, scores of the fine grid, then the boxes of each.
  const [coarseScores, fineScores, coarseBoxes, fineBoxes] = outputs;
  const found = ANCHORS.flatMap((anchor, i) => {
    const fine = i < FINE_ANCHORS;
    const row = fine ? i : i - FINE_ANCHORS;
    const score = sigmoid((fine ? fineScores : coarseScores)?.[row] ?? Number.NEGATIVE_INFINITY);
    if (score < MIN_PROPOSAL) return [];
    const at = row * BOX_NUMBERS;
    const [x = 0, y = 0, width = 0, height = 0] =
      (fine ? fineBoxes : coarseBoxes)?.subarray(at, at + 4).map((value) => value / SIDE) ?? [];
    const square = {
      left: anchor.x + x - width / 2,
      top: anchor.y + y - height / 2,
      right: anchor.x + x + width / 2,
      bottom: anchor.y + y + height / 2,
    };
    return [{ score, box: outOfSquare(square, picture.width, picture.height) }];
  });
  return withoutDoubles(found, MAX_OVERLAP);
}

async function presenceIn(facemesh: GraphModel, crop: Uint8Array): Promise<number> {
  const outputs = await run(facemesh, MESH_SIDE, crop, (value) => value / 255);
  return outputs.find(({ length }) => length === 1)?.[0] ?? 0;
}

function sigmoid(value: number): number {
  return 1 / (1 + Math.exp(-value));
}
