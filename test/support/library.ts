/** A library of many media, as if they had been analysed long ago. */
import { type Firestore, Timestamp, type WriteBatch } from '@google-cloud/firestore';
import type { Analytics } from '@media-analysis/shared/analytics';
import { MEDIA_COLLECTION, newMediaRecord } from '../../functions/core/media/record.ts';
import { findableOf } from '../../functions/features/search/findable.ts';

const THINGS = 'dog cat bird car bicycle table lake mountain street tree flower cup'.split(' ');
const GROUNDS = 'grass wood sand stone snow water asphalt carpet'.split(' ');
const PLACES = ['横浜中華街', '京都の寺', '海辺のカフェ', '公園'];

/** One media of a library. */
export interface Shelved {
  title: string;
  summary?: string;
  tags?: string[];
  text?: string | null;
  people?: number | null;
  file_name?: string;
  content_type?: string;
  verdict?: Analytics['safety']['verdict'];
  taken?: string | null;
  place?: { latitude: number; longitude: number };
  language?: string;
  /** When it was accepted. Absent: a second before the next one. */
  sent?: string;
}

/** What nobody will search for, in numbers in which a library has it. */
export function ordinary(n: number): Shelved {
  const thing = THINGS[n % THINGS.length] ?? '';
  const ground = GROUNDS[(n >> 3) % GROUNDS.length] ?? '';
  return {
    title: `A ${thing} near ${ground}`,
    summary: `A ${thing} is seen on a day of the year ${2_000 + (n % 25)}. The light is soft.`,
    tags: [thing, `${thing} ${n % 7}`, ['outdoors', 'indoors'][n % 2] ?? ''],
    text: n % 5 === 0 ? `${PLACES[n % PLACES.length]} ${n}` : null,
    people: n % 3,
    taken: n % 5 === 0 ? null : `${2_010 + (n % 7)}-01-01T00:00:00`,
    file_name: `IMG_${n}.jpg`,
  };
}

export function analyticsOf(shelved: Shelved): Analytics {
  const {
    title,
    summary = title,
    tags = [],
    text = null,
    people = 0,
    verdict = 'safe',
    taken = null,
    place,
    language = 'en',
  } = shelved;
  return {
    title,
    summary,
    tags,
    objects: [],
    people_count: people,
    text,
    scene: null,
    mood: null,
    safety: { verdict, categories: [] },
    colors: [],
    quality: null,
    capture: { taken_at: taken, camera: null, ...(place && { place }) },
    width: 800,
    height: 600,
    orientation: 'landscape',
    language,
    model: 'local/vision',
    prompt_version: '1',
  };
}

/** Writes media of `owner`, a second apart, the last one the newest. @returns their ids */
export async function shelve(
  db: Firestore,
  owner: string,
  media: readonly Shelved[],
): Promise<string[]> {
  const ids = media.map((_, n) => `${owner.replace(/\W/g, '')}x${n}`);
  for (let start = 0; start < media.length; start += 400) {
    const batch = db.batch();
    for (const [i, each] of media.slice(start, start + 400).entries()) {
      put(db, batch, { id: ids[start + i] ?? '', owner, n: start + i, of: media.length }, each);
    }
    await batch.commit();
  }
  return ids;
}

function put(
  db: Firestore,
  batch: WriteBatch,
  { id, owner, n, of }: { id: string; owner: string; n: number; of: number },
  shelved: Shelved,
): void {
  const { file_name = `${id}.jpg`, content_type = 'image/jpeg' } = shelved;
  const analytics = analyticsOf(shelved);
  const { sent } = shelved;
  const at = sent ? Date.parse(sent) : Date.parse('2026-11-01T00:00:00Z') - (of - n) * 1_000;
  const file = { id, file_name, content_type, size: 1_000, owner_id: owner };
  const asked = {
    analyze: true,
    language: 'en',
    staging_object: '',
    queue_state: 'queued',
  } as const;
  batch.set(db.collection(MEDIA_COLLECTION).doc(id), {
    ...newMediaRecord({ ...file, ...asked }, at),
    status: 'completed',
    progress: 1,
    analytics,
    staging_object: null,
    queue_state: null,
    ...findableOf({ ...file, analytics }),
    updated_at: Timestamp.fromMillis(at),
  });
}
