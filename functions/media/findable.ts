/** The fields by which a media is found. Whatever changes what a media is or says writes them in the same commit. */
import { FieldValue, type VectorValue } from '@google-cloud/firestore';
import type { Analytics } from '@media-analysis/shared/analytics';
import type { Edits } from '@media-analysis/shared/edits';
import { SEARCH_VERSION, type SearchFields, searchFieldsOf } from '../search/fields.ts';
import { EMBEDDER, embed, meaningTextOf } from '../search/meaning.ts';
import { withEdits } from './edits.ts';

export interface Findable {
  search: SearchFields;
  /** Not in `search`: Google's emulator finds no vector in a map. Null: nothing was said of the media yet. */
  meaning: VectorValue | null;
  /** Who has made `meaning`. Vectors of two embedders cannot be compared. */
  meaning_by: string | null;
}

/** How the fields are made now. */
export const FINDABLE_BY = `${SEARCH_VERSION} ${EMBEDDER}`;

/** Whether the fields are there, and are made as they are made now. */
export function isFindable({
  search,
  meaning_by = null,
  analytics,
}: Partial<Pick<Findable, 'search' | 'meaning_by'>> & { analytics: unknown }): boolean {
  return search?.version === SEARCH_VERSION && (!analytics || meaning_by === EMBEDDER);
}

export function findableOf(media: {
  file_name: string;
  content_type: string;
  analytics: Partial<Analytics> | null;
  edits?: Edits | undefined;
}): Findable {
  const { analytics: made, edits } = media;
  const analytics = made || edits ? withEdits(made ?? {}, edits) : null;
  const vector = analytics ? embed(meaningTextOf(analytics)) : undefined;
  return {
    search: searchFieldsOf({ ...media, analytics }),
    meaning: vector ? FieldValue.vector(vector) : null,
    meaning_by: vector ? EMBEDDER : null,
  };
}
