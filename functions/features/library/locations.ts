/** Reads where an owner's media were taken, for a map, and nothing else of each document. */
import { FieldPath, type Firestore } from '@google-cloud/firestore';
import type { MediaLocation } from '@media-analysis/shared/library';
import { readPage } from '../../core/media/paging.ts';
import { MEDIA_COLLECTION, type MediaRecord } from '../../core/media/record.ts';

/** `facts` has the location as soon as the file is stored. */
const READ = ['id', 'created_at', 'facts.capture.place', 'analytics.capture.place'] as const;

type Located = Pick<MediaRecord, 'id' | 'created_at' | 'analytics'> &
  Partial<Pick<MediaRecord, 'facts'>>;

interface LocationPage {
  locations: MediaLocation[];
  nextPageToken: string | undefined;
}

/** @throws {AppError} `invalid_request` for a bad token */
export async function readLocations(
  firestore: Firestore,
  ownerId: string,
  limit: number,
  pageToken: string | undefined,
): Promise<LocationPage> {
  const query = firestore
    .collection(MEDIA_COLLECTION)
    .where('owner_id', '==', ownerId)
    .where('search.located', '==', true)
    .orderBy('created_at', 'desc')
    .orderBy(FieldPath.documentId(), 'desc')
    .select(...READ);
  const { records, nextPageToken } = await readPage<Located>(query, limit, pageToken);
  const locations = records.flatMap(({ id, facts, analytics }) => {
    const place = facts?.capture?.place ?? analytics?.capture?.place;
    return place ? [{ media_id: id, latitude: place.latitude, longitude: place.longitude }] : [];
  });
  return { locations, nextPageToken };
}
