/** Describes a video by the detections in its frames. The time between two frames and the sound are not known. */
import type { ModelOutput } from '@media-analysis/shared/analytics';
import type { Detections } from '@media-analysis/vision/protocol';
import type { MediaFacts } from '../../inspect/facts.ts';
import { labDistance, rgbToLab } from '../../inspect/lab.ts';
import type { Frame } from '../frame.ts';
import { textOf } from './compose.ts';
import { factTags } from './fact-tags.ts';
import type { FactWords } from './fact-words.ts';
import {
  contentOf,
  contentTags,
  facesOf,
  type KindCount,
  type PictureContent,
} from './picture-content.ts';
import type { VisionWords } from './vision-words.ts';

export interface SeenFrame extends Frame {
  detections: Detections;
}

/** Two frames whose colours differ by more, as ΔE*ab, are two scenes. A hand that moves changes less. */
const OTHER_SCENE = 20;
/** The limits of the schema. */
const MAX_OBJECTS = 100;
const MAX_SUMMARY = 500;

export function describeFrames(
  facts: MediaFacts,
  fileName: string,
  seen: readonly SeenFrame[],
  factWords: FactWords,
  words: VisionWords,
): ModelOutput {
  const frames = seen.map((frame) => ({ ...frame, content: contentOf(frame.detections) }));
  const content = inAll(frames.map((frame) => frame.content));
  const said = words.sentences(content);
  const scenes = scenesOf(frames);
  const summaryOf = (scene: PictureContent) =>
    words.title(scene) ?? (words.sentences(scene).join(factWords.space) || words.nothing);
  return {
    title: words.title(content) ?? factWords.title(facts, fileName),
    summary: [
      ...said,
      factWords.frames(seen.length),
      ...factWords.sentences(facts),
      ...(said.length === 0 ? [words.nothing] : []),
    ].join(factWords.space),
    tags: [...new Set([...contentTags(content), ...factTags(facts, content.isPage)])],
    objects: objectsIn(seen),
    people_count: content.people,
    text: textOf(content),
    scene: null,
    mood: null,
    safety: { verdict: 'unknown', categories: [] },
    segments:
      scenes.length < 2 || said.length === 0
        ? null
        : scenes.map((scene, n) => ({
            start_s: n === 0 ? 0 : scene.start_s,
            end_s: scenes[n + 1]?.start_s ?? Math.max(scene.start_s, facts.duration_s ?? 0),
            summary: summaryOf(inAll(scene.contents)).slice(0, MAX_SUMMARY),
          })),
  };
}

/** The content of all frames together. Each kind is counted in the frame that shows the most of it. */
function inAll(contents: readonly PictureContent[]): PictureContent {
  const lists = contents.flatMap(({ seen }) => (seen ? [seen] : []));
  const seen = mostOfEach(lists.flat());
  const lines = contents.flatMap((each) => each.lines ?? []);
  const codes = new Map(contents.flatMap((each) => each.codes).map((code) => [code.text, code]));
  const pages = contents.filter(({ isPage }) => isPage).length;
  return {
    seen: lists.length > 0 ? seen : null,
    people: peopleIn(contents, seen),
    hasFace: contents.some(({ hasFace }) => hasFace),
    lines: contents.some((each) => each.lines) ? [...new Set(lines)] : null,
    unread: contents.find((each) => each.unread)?.unread ?? null,
    codes: [...codes.values()],
    isPage: pages > contents.length / 2,
    receipt: contents.find((each) => each.receipt)?.receipt ?? null,
  };
}

/** People come first, as in a picture, and then what is in the most frames. */
function mostOfEach(counts: readonly KindCount[]): KindCount[] {
  const isPerson = ({ kind }: KindCount) => (kind === 'person' ? 1 : 0);
  const byKind = [...Map.groupBy(counts, ({ kind }) => kind)].map(([kind, found]) => ({
    kind,
    least: Math.max(...found.map(({ least }) => least)),
    most: Math.max(...found.map(({ most }) => most)),
    isClear: found.some(({ isClear }) => isClear),
    sure: found.filter(({ least }) => least > 0).length,
  }));
  return byKind
    .sort((one, other) => isPerson(other) - isPerson(one) || other.sure - one.sure)
    .map(({ sure: _, ...count }) => count);
}

/** The most that are visible at once; null if a frame may show more. */
function peopleIn(contents: readonly PictureContent[], seen: readonly KindCount[]) {
  const known = contents.flatMap(({ people }) => people ?? []);
  const most = seen.find(({ kind }) => kind === 'person')?.most ?? 0;
  const people = Math.max(0, ...known);
  return people > 0 && people === most ? people : null;
}

interface Scene {
  start_s: number;
  contents: PictureContent[];
}

function scenesOf(frames: readonly (SeenFrame & { content: PictureContent })[]): Scene[] {
  const scenes: Scene[] = [];
  for (const [n, { time_s, colors, content }] of frames.entries()) {
    const before = frames[n - 1];
    const scene = scenes.at(-1);
    const isSame =
      before && shows(before.content) === shows(content) && !differ(before, { colors });
    if (scene && isSame) scene.contents.push(content);
    else scenes.push({ start_s: time_s, contents: [content] });
  }
  return scenes;
}

/** Two pictures show the same if this is equal: the sure kinds of things, and the beginning of a page. */
function shows({ seen, isPage, lines }: PictureContent): string {
  const kinds = (seen ?? []).filter(({ least }) => least > 0).map(({ kind }) => kind);
  return [...kinds.sort(), ...(isPage ? [lines?.[0] ?? ''] : [])].join('\n');
}

function differ(one: Pick<Frame, 'colors'>, other: Pick<Frame, 'colors'>): boolean {
  return (
    Math.max(distance(one.colors, other.colors), distance(other.colors, one.colors)) > OTHER_SCENE
  );
}

/** The distance of the colours from the nearest ones of the other picture, weighted by their share of the picture. */
function distance(colors: Frame['colors'], others: Frame['colors']): number {
  if (others.length === 0) return 0;
  const total = colors.reduce((sum, { share }) => sum + share, 0);
  const far = colors.map(({ hex, share }) => {
    const nearest = others.map((other) => labDistance(labOf(hex), labOf(other.hex)));
    return share * Math.min(...nearest);
  });
  return total === 0 ? 0 : far.reduce((sum, each) => sum + each, 0) / total;
}

function labOf(hex: string) {
  const [r, g, b] = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
  return rgbToLab(r ?? 0, g ?? 0, b ?? 0);
}

/** The objects of each kind in the frame that shows the most of it. They move, so they get no box. */
function objectsIn(seen: readonly SeenFrame[]): ModelOutput['objects'] {
  const most = new Map<string, ModelOutput['objects']>();
  for (const { detections } of seen) {
    const faces = (facesOf(detections) ?? []).map(({ score }) => ({ score, label: 'face' }));
    const found = Map.groupBy([...(detections.objects ?? []), ...faces], ({ label }) => label);
    for (const [label, all] of found) {
      if (all.length <= (most.get(label)?.length ?? 0)) continue;
      const confidence = (score: number) => Math.round(score * 1_000) / 1_000;
      most.set(
        label,
        all.map(({ score }) => ({ label, confidence: confidence(score), box: null })),
      );
    }
  }
  return [...most.values()].flat().slice(0, MAX_OBJECTS);
}
