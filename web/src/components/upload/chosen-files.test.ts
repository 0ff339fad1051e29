import { expect, test } from '@jest/globals';
import { refusedFiles } from '../../hooks/uploads/list.ts';
import { filesOf, skippedText, withoutOthers } from './chosen-files.ts';

const file = (name: string) => new File(['x'], name);

/** What a browser has of a file that is dropped, or of one in a folder. */
const fileEntry = (name: string) => ({
  isDirectory: false,
  file: (done: (found: File) => void) => done(file(name)),
});

/** A folder, of which the browser gives two entries at a time. */
const folderEntry = (...entries: object[]) => ({
  isDirectory: true,
  createReader: () => {
    const left = [...entries];
    return { readEntries: (done: (found: object[]) => void) => done(left.splice(0, 2)) };
  },
});

/** What is taken of a drop. */
const dropped = (...entries: object[]) => filesOf(entries as FileSystemEntry[]);

const names = (files: File[]) => files.map(({ name }) => name);

test('a folder stands for its photos and videos, and those of its folders, in their order', async () => {
  const trip = folderEntry(
    ...[fileEntry('1.jpg'), fileEntry('notes.txt'), fileEntry('.DS_Store')],
    ...[folderEntry(fileEntry('2.mov'), fileEntry('._2.mov')), fileEntry('3.heic')],
  );
  const { files } = await dropped(trip, fileEntry('4.png'));
  expect(names(files)).toEqual(['1.jpg', '2.mov', '3.heic', '4.png']);
});

test('what is left out is said by its names, without what nobody sees', async () => {
  const trip = folderEntry(
    ...[fileEntry('1.jpg'), fileEntry('notes.txt'), fileEntry('.DS_Store')],
    ...[folderEntry(fileEntry('film.mkv')), fileEntry('Thumbs.db'), fileEntry('desktop.ini')],
  );
  const other = folderEntry(fileEntry('2.jpg'), fileEntry('a.pdf'), fileEntry('b.doc'));
  const { skipped } = await dropped(trip, other);
  expect(['en', 'ja'].map((language) => skippedText(skipped, language))).toEqual([
    '4 files were skipped, as the format is not supported: notes.txt, film.mkv, a.pdf…',
    '対応していない形式のため、4件のファイルを除外しました：notes.txt、film.mkv、a.pdf…',
  ]);
  const one = withoutOthers(['a.jpg', 'b.txt'].map(file));
  expect(skippedText(one.skipped, 'en')).toBe(
    '1 file was skipped, as the format is not supported: b.txt',
  );
  expect(withoutOthers(['a.jpg', '.DS_Store'].map(file)).skipped).toEqual([]);
  // Each of them says why by its own card.
  expect(withoutOthers([file('b.txt')]).skipped).toEqual([]);
});

test('a folder without a photo or video gives its files, which then say why', async () => {
  const { files } = await dropped(folderEntry(fileEntry('a.txt')));
  expect(names(files)).toEqual(['a.txt']);
});

test('a chosen folder gives the same', () => {
  expect(names(withoutOthers(['a.jpg', 'b.txt', '.c.jpg'].map(file)).files)).toEqual(['a.jpg']);
  expect(names(withoutOthers([file('b.txt')]).files)).toEqual(['b.txt']);
});

test('what cannot be read takes nothing else of its folder with it, and is named', async () => {
  const refuse = (_: unknown, fail: (reason: Error) => void) => fail(new Error('gone'));
  const gone = { isDirectory: false, name: 'gone.jpg', file: refuse };
  const readEntries = (_: unknown, fail: (reason: Error) => void) => fail(new Error('locked'));
  const locked = { isDirectory: true, name: 'locked', createReader: () => ({ readEntries }) };
  const trip = folderEntry(fileEntry('1.jpg'), gone, folderEntry(fileEntry('2.jpg'), locked));
  const { files } = await dropped(trip, locked);
  expect(names(files)).toEqual(['1.jpg', 'gone.jpg', '2.jpg', 'locked', 'locked']);
  expect(files.map((file) => refusedFiles.get(file)?.message.slice(0, 25))).toEqual([
    ...[undefined, '“gone.jpg” could not be r'],
    ...[undefined, '“locked” could not be rea', '“locked” could not be rea'],
  ]);
});
