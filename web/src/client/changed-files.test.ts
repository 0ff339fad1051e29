/** A file that is changed or deleted on the disk between its choice and its turn. */
import { expect, test } from '@jest/globals';
import { networkError } from './errors.ts';
import { type Send, withFileCheck } from './send.ts';

/** As a browser has it: it is there, and reading it fails. */
class ChangedFile extends Blob {
  override slice(): Blob {
    return Object.assign(new Blob(), { arrayBuffer: () => Promise.reject(new Error('not read')) });
  }
}

const options = { method: 'PUT', headers: {}, signal: undefined, onSent: () => undefined } as const;
const broken: Send = () => Promise.reject(networkError(new Error('failed')));

test.each([
  ['a changed file is no line that is down', new ChangedFile(['x']), 'media_missing'],
  ['a line that is down says nothing of the file', new Blob(['x']), 'unavailable'],
  ['a request without a body has no file', null, 'unavailable'],
])('%s', async (_, body, code) => {
  await expect(withFileCheck(broken)('/', body, options)).rejects.toMatchObject({ code });
});

test('what the caller has ended stays ended, whatever became of the file', async () => {
  const reason = new Error('stopped');
  const ended = withFileCheck(broken)('/', new ChangedFile(['x']), {
    ...options,
    signal: AbortSignal.abort(reason),
  });
  await expect(ended).rejects.toBe(reason);
});
