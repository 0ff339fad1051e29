import { expect, test } from '@jest/globals';
import { type FoundFile, newUpload, restoredItem, type Upload, UploadList } from './list.ts';

const file = (name: string) => new File(['12345678'], name);
const upload = (key: string, change: Partial<Upload> = {}): Upload => ({
  ...newUpload(key, file(key), {}),
  ...change,
});
const keysOf = (list: UploadList) => list.shown.map(({ key }) => key);

function listOf(...choices: Upload[][]): UploadList {
  const list = new UploadList();
  for (const choice of choices) list.choose(choice, {}, 1_000);
  return list;
}

test('the last choice comes first, as it was chosen, also when the clock stands still', () => {
  expect(keysOf(listOf([upload('a'), upload('b')], [upload('c')]))).toEqual(['c', 'a', 'b']);
});

test('files of other tabs are at their places; one that this tab has too is its own', () => {
  const list = listOf([upload('a')], [upload('c')]);
  const other = (key: string, position: number) => ({
    upload: upload(key, { isElsewhere: true }),
    chosenAt: 1_000,
    position,
  });
  list.setOthers([other('b', 1), other('c', 0)]);
  expect(keysOf(list)).toEqual(['c', 'a', 'b']);
});

test('what was sent never falls, and ends the wait of an outage', () => {
  const waits = { code: 'unavailable', message: 'No line.' } as const;
  const list = listOf([upload('a', { sent: 5, error: waits }), upload('b', { state: 'rejected' })]);
  list.count(
    new Map(
      [
        ['a', 3],
        ['b', 8],
      ].map(([key, sent]) => [String(key), Number(sent)]),
    ),
  );
  expect(list.shown).toMatchObject([{ sent: 5, error: null }, { sent: 0 }]);
  list.count(new Map([['a', 7]]));
  expect(list.shown[0]?.sent).toBe(7);
});

test('a pause is that of what is still to be sent', () => {
  const list = listOf([upload('a'), upload('b')]);
  list.pause(true);
  list.end('a', { state: 'stopped' });
  expect(list.shown).toMatchObject([{ isPaused: false }, { isPaused: true }]);
  // Its outcome is that it was stopped.
  list.end('a', { state: 'rejected' });
  expect(list.shown[0]?.state).toBe('stopped');
});

const DAY_MS = 24 * 3_600_000;
const form = { form: { key: 'k', index: 0 } } as unknown as NonNullable<FoundFile['notes']>;

test.each([
  ['with its bytes', { file: file('a') }, 0, 'sending'],
  ['with its bytes, not sent for days', { file: file('a') }, 2 * DAY_MS, 'sending'],
  ['stopped', { file: file('a'), isStopped: true }, 0, 'stopped'],
  ['sent without an answer', { file: file('a'), notes: form }, 0, 'sending'],
  ['sent without an answer a day ago', { file: file('a'), notes: form }, DAY_MS + 1, 'stopped'],
  ['without its bytes', {}, 0, 'missing'],
  ['without its bytes, which may have arrived', { notes: form }, 0, 'sending'],
  ['without its bytes, which may have arrived a day ago', { notes: form }, DAY_MS + 1, 'missing'],
])(
  'a file of an earlier page: %s',
  (_name, found: Pick<FoundFile, 'file' | 'isStopped' | 'notes'>, now, state) => {
    const kept = {
      key: 'a',
      name: 'a',
      type: '',
      size: 8,
      lastModified: 1,
      chosenAt: 0,
      position: 0,
    };
    const item = restoredItem({ ...kept, ...found }, now);
    expect(item.upload).toMatchObject({ state, file: { name: 'a' } });
    expect(item.missingSize).toBe(found.file ? undefined : 8);
  },
);
