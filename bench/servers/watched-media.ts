/** Gives the baselines the media that they serve, live from Firestore as in our server. */

import { NO_FEATURES } from '../../functions/core/media/moments.ts';
import { MEDIA_COLLECTION, type MediaRecord } from '../../functions/core/media/record.ts';
import { toMedia } from '../../functions/core/media/view.ts';
import { createFirestore } from '../../functions/process/clients.ts';

type Media = ReturnType<typeof toMedia>;

/** Calls `onMedia` with each state of the media that `MEDIA_ID` names. */
export async function watchMedia(onMedia: (media: Media) => void): Promise<void> {
  const { FIRESTORE_EMULATOR_HOST, GOOGLE_CLOUD_PROJECT = '', MEDIA_ID = '' } = process.env;
  const firestore = await createFirestore({
    FIRESTORE_EMULATOR_HOST,
    GOOGLE_CLOUD_PROJECT,
    FIRESTORE_DATABASE: '(default)',
  });
  firestore
    .collection(MEDIA_COLLECTION)
    .doc(MEDIA_ID)
    .onSnapshot((snapshot) => onMedia(toMedia(snapshot.data() as MediaRecord, NO_FEATURES)));
}
