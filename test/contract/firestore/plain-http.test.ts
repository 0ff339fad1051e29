/** What test runners ask an emulator for over HTTP/1.1; Google's answers the same. */
import { connect } from 'node:net';
import { expect, test } from '@jest/globals';
import { idsOf, openFirestore, watch } from '../../support/firestore.ts';

const { address, database, collection, fill } = await openFirestore();

test('the port says that it is there', async () => {
  const response = await fetch(`http://${address}/`);
  expect(response.status).toBe(200);
  expect((await response.text()).trim()).toBe('Ok');
});

// https://firebase.google.com/docs/emulator-suite/connect_firestore#clear_your_database_between_tests
test('a database can be emptied, and its listeners hear of it', async () => {
  const target = await fill({ a: { n: 1 }, b: { n: 2 } });
  await target.doc('a').collection('below').doc('c').set({ n: 3 });
  const watched = watch(target);
  await watched.until(({ size }) => size === 2);
  const url = `http://${address}/emulator/v1/${database}/documents`;
  const response = await fetch(url, { method: 'DELETE' });
  expect(response.status).toBe(200);
  await response.text();
  await watched.until(({ empty }) => empty);
  expect(await idsOf(target)).toEqual([]);
  expect((await target.doc('a').collection('below').get()).empty).toBe(true);
  await target.doc('new').set({ n: 4 });
  expect(await idsOf(target)).toEqual(['new']);
});

test('connections that say nothing, or leave at once, harm nobody', async () => {
  const [host = '', port = ''] = address.split(':');
  const silent = connect(Number(port), host);
  const gone = connect(Number(port), host, () => gone.resetAndDestroy());
  await new Promise((resolve) => gone.on('close', resolve));
  const ref = collection().doc();
  await ref.set({ n: 1 });
  expect((await ref.get()).get('n')).toBe(1);
  silent.destroy();
});
