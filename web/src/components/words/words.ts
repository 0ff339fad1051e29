/** Everything the components say, in one shape for every language. */
import type { ErrorCode, Media } from '../../client/index.ts';
import type { Stage, StoreConnection } from '../../hooks/index.ts';

type Analytics = NonNullable<Media['analytics']>;
type Quality = NonNullable<Analytics['quality']>;

export interface Words {
  /** BCP 47 */
  language: string;
  upload: {
    title: string;
    hint: string;
    choose: string;
    accepted: string;
    drop: string;
  };
  stages: Record<Stage, string>;
  connection: Record<Exclude<StoreConnection, 'idle'>, string>;
  /** `ready` of `total`; `failed` of them not. */
  summary: (counts: { ready: number; failed: number; total: number }) => string;
  sendingNow: string;
  allDone: string;
  cancel: string;
  retry: string;
  sendAgain: string;
  remove: string;
  reallyRemove: string;
  dismiss: string;
  open: (name: string) => string;
  close: string;
  previous: string;
  next: string;
  loadMore: string;
  loading: string;
  tryAgain: string;
  gallery: string;
  empty: string;
  emptyHint: string;
  /** Why an item has to wait, in a sentence; null: nobody said. */
  waitsFor: (code: ErrorCode | null) => string;
  /** When it is tried again. */
  continuesIn: (time: string) => string;
  continuesSoon: string;
  progressOf: (name: string) => string;
  overall: string;
  original: string;
  noPreview: string;
  facts: {
    text: string;
    segments: string;
    objects: string;
    tags: string;
    colors: string;
    people: string;
    noPeople: string;
    scene: string;
    mood: string;
    quality: string;
    safety: string;
    taken: string;
    camera: string;
    place: string;
    size: string;
    duration: string;
    cost: string;
    model: string;
    free: string;
    unknownCost: string;
    cached: string;
    tokens: (count: number) => string;
  };
  /** How the analysis came about, where a person should know of it. */
  notes: Record<NonNullable<Analytics['notes']>[number], string>;
  quality: Record<Quality['verdict'], string>;
  exposure: Record<Quality['exposure'], string>;
  safety: Record<Analytics['safety']['verdict'], string>;
  /** @param message What the server, or the client, says of it, in English. */
  error: (code: ErrorCode | 'cancelled' | null, message: string | null) => string;
}
