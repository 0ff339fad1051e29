/** The fields of the search, with the vector. Each commit that changes the texts of a media writes them too. */
import { FieldValue, type VectorValue } from '@google-cloud/firestore';
import type { Analytics } from '@media-analysis/shared/analytics';
import { MAX_TITLE } from '@media-analysis/shared/edit-limits';
import type { Edits } from '@media-analysis/shared/edits';
import { withoutUnseen } from '@media-analysis/shared/local-models';
import { SEARCH_VERSION, type SearchFields, searchFieldsOf } from './fields.ts';
import { EMBEDDER, embed, meaningTextOf } from './meaning.ts';

export interface Findable {
  search: SearchFields;
  /** Not inside `search`, because Google's emulator finds no vector in a map. Null without a description, or without words to compare. */
  meaning: VectorValue | null;
  /** The embedder of `meaning`; null without a description. */
  meaning_by: string | null;
}

declare module '../../core/media/record.ts' {
  interface MediaRecord {
    search?: Findable['search'];
    meaning?: Findable['meaning'];
    meaning_by?: Findable['meaning_by'];
  }
}

/** The version of the fields, if `embedder` makes the vectors. */
export function findableBy(embedder = EMBEDDER): string {
  return [...new Set([SEARCH_VERSION, EMBEDDER, embedder])].join(' ');
}

/** True if the fields have the current version. The vector may be local, or from `embedder`. */
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
  const analytics = descriptionOf(media);
  const vector = analytics ? embed(meaningOf(media)) : undefined;
  return {
    search: searchFieldsOf({ ...media, analytics }),
    meaning: vector ? FieldValue.vector(vector) : null,
    meaning_by: analytics ? EMBEDDER : null,
  };
}

/** No service gets a title that is only the file name: it says nothing about the picture, and perhaps too much about a person. */
export function meaningOf({ analytics, edits, file_name }: Said & { file_name: string }): string {
  const seen = analytics && saysNothing(analytics) ? null : analytics;
  const { title, ...others } = descriptionOf({ analytics: seen, edits }) ?? {};
  const isName = title === file_name.slice(0, MAX_TITLE);
  return meaningTextOf({ ...others, ...(title !== undefined && !isName && { title }) });
}

/** A built-in model has seen nothing. What is left, such as a day, is near in meaning to anything by chance alone. */
function saysNothing({ summary = '', objects = [], text }: Partial<Analytics>): boolean {
  return objects.length === 0 && !text && withoutUnseen(summary) !== summary;
}

/** The description, with the owner's words over the model's; null if there is none yet. */
export function descriptionOf({ analytics, edits }: Said): Partial<Analytics> | null {
  return analytics || edits ? Object.assign({}, analytics, edits) : null;
}
