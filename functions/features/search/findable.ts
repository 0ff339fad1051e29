/** The fields by which a media is found. Whatever changes what a media is or says writes them in the same commit. */
import { FieldValue, type VectorValue } from '@google-cloud/firestore';
import type { Analytics } from '@media-analysis/shared/analytics';
import { MAX_TITLE } from '@media-analysis/shared/edit-limits';
import type { Edits } from '@media-analysis/shared/edits';
import { SEARCH_VERSION, type SearchFields, searchFieldsOf } from './fields.ts';
import { EMBEDDER, embed, meaningTextOf } from './meaning.ts';

export interface Findable {
  search: SearchFields;
  /** Not in `search`: Google's emulator finds no vector in a map. Null: no description yet, or none that can be compared. */
  meaning: VectorValue | null;
  /** The embedder that has made `meaning`. Vectors of two embedders cannot be compared. Null: there is no description yet. */
  meaning_by: string | null;
}

declare module '../../core/media/record.ts' {
  interface MediaRecord {
    search?: Findable['search'];
    meaning?: Findable['meaning'];
    meaning_by?: Findable['meaning_by'];
  }
}

/** How the fields are made now, if `embedder` makes the vectors. */
export function findableBy(embedder = EMBEDDER): string {
  return [...new Set([SEARCH_VERSION, EMBEDDER, embedder])].join(' ');
}

/** Whether the fields are there, and are made as they are made now: the vector here, and later by `embedder`. */
export function isFindable(
  {
    search,
    meaning_by = null,
    analytics,
  }: Partial<Pick<Findable, 'search' | 'meaning_by'>> & { analytics: unknown },
  embedder = EMBEDDER,
): boolean {
  const isCurrent = meaning_by === EMBEDDER || meaning_by === embedder;
  return search?.version === SEARCH_VERSION && (!analytics || isCurrent);
}

interface Said {
  analytics: Partial<Analytics> | null;
  edits?: Edits | undefined;
}

export function findableOf(
  media: Said & Pick<Parameters<typeof searchFieldsOf>[0], 'file_name' | 'content_type' | 'facts'>,
): Findable {
  const analytics = saidOf(media);
  const vector = analytics ? embed(meaningOf(media)) : undefined;
  return {
    search: searchFieldsOf({ ...media, analytics }),
    meaning: vector ? FieldValue.vector(vector) : null,
    meaning_by: analytics ? EMBEDDER : null,
  };
}

/**
 * What a media is compared by. A title that is only the name of the file says nothing of the picture, and perhaps too much of a
 * person: no service gets it.
 */
export function meaningOf(media: Said & { file_name: string }): string {
  const { title, ...others } = saidOf(media) ?? {};
  const isName = title === media.file_name.slice(0, MAX_TITLE);
  return meaningTextOf({ ...others, ...(title !== undefined && !isName && { title }) });
}

/** The description of a media, with its owner's words in place of the model's. Null: there is none yet. */
export function saidOf({ analytics, edits }: Said): Partial<Analytics> | null {
  return analytics || edits ? Object.assign({}, analytics, edits) : null;
}
