/**
 * Baseline: a stream service with one Firestore listener for each document of each stream, as in the
 * client's examples.
 */
import { createServer } from 'node:http';
import { NO_FEATURES } from '../../functions/core/media/moments.ts';
import { MEDIA_COLLECTION, type MediaRecord } from '../../functions/core/media/record.ts';
import { toMedia } from '../../functions/core/media/view.ts';
import { createFirestore } from '../../functions/process/clients.ts';

const { FIRESTORE_EMULATOR_HOST, GOOGLE_CLOUD_PROJECT = '', PORT } = process.env;
const firestore = await createFirestore({
  FIRESTORE_EMULATOR_HOST,
  GOOGLE_CLOUD_PROJECT,
  FIRESTORE_DATABASE: '(default)',
});

createServer((request, response) => {
  const ids = new URL(request.url ?? '', 'http://localhost').searchParams.get('ids') ?? '';
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
  response.write('retry: 1000\n\n');
  const stops = ids.split(',').map((id) =>
    firestore
      .collection(MEDIA_COLLECTION)
      .doc(id)
      .onSnapshot((snapshot) => {
        const media = toMedia(snapshot.data() as MediaRecord, NO_FEATURES);
        response.write(`id: ${media.revision}\ndata: ${JSON.stringify(media)}\n\n`);
      }),
  );
  response.on('close', () => {
    for (const stop of stops) stop();
  });
}).listen(PORT);
