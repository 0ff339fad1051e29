/** Forwards a file to Cloud Storage with one request, for the baselines. */
import http from 'node:http';
import type { Readable } from 'node:stream';

const storage = `${process.env.STORAGE_EMULATOR_HOST}/upload/storage/v1/b/bench/o?uploadType=media`;

export function forwardToStorage(bytes: Readable): Promise<void> {
  return new Promise((resolve, reject) => {
    const upload = http.request(storage, { method: 'POST' }, (answer) => {
      answer.resume();
      answer.on('end', resolve);
    });
    upload.on('error', reject);
    bytes.on('error', reject);
    bytes.pipe(upload);
  });
}
