import { expect, test } from '@jest/globals';
import { createPace, PATIENCE_MS, readPace, SHOWN_MS, writePace } from './slideshow.ts';

function start() {
  const acts: string[] = [];
  let now = 0;
  let due: { at: number; act: () => void } | undefined;
  const pace = createPace({
    after: (ms, act) => {
      const own = { at: now + ms, act };
      due = own;
      return () => {
        if (due === own) due = undefined;
      };
    },
    shown: () => SHOWN_MS,
    turn: () => acts.push(`turn at ${now}`),
    pause: () => acts.push(`pause at ${now}`),
  });
  const wait = (ms: number) => {
    now += ms;
    if (!due || due.at > now) return;
    const { act } = due;
    due = undefined;
    act();
  };
  return { acts, pace, wait };
}

test('a picture is shown for its time from when it is drawn, however long it took to come', () => {
  const { acts, pace, wait } = start();
  pace.tell('coming');
  wait(PATIENCE_MS - 1);
  pace.tell('drawn');
  wait(SHOWN_MS - 1);
  expect(acts).toEqual([]);
  wait(1);
  expect(acts).toEqual([`turn at ${PATIENCE_MS + SHOWN_MS - 1}`]);
});

test('a video plays to its end, however long it is, and is left when it stands still', () => {
  const { acts, pace, wait } = start();
  for (let n = 0; n < 10; n++) {
    pace.tell('played');
    wait(PATIENCE_MS - 1);
  }
  expect(acts).toEqual([]);
  pace.tell('ended');
  expect(acts).toHaveLength(1);
  pace.tell('played');
  wait(PATIENCE_MS);
  expect(acts).toHaveLength(2);
});

test('what cannot be shown is passed over, but the third in a row pauses it: all would be', () => {
  const { acts, pace, wait } = start();
  pace.tell('failed');
  pace.tell('failed');
  pace.tell('drawn');
  wait(SHOWN_MS);
  pace.tell('failed');
  pace.tell('coming');
  wait(PATIENCE_MS);
  expect(acts.every((each) => each.startsWith('turn'))).toBe(true);
  pace.tell('failed');
  expect(acts.at(-1)).toMatch(/^pause/);
  // Then it may go on.
  pace.tell('failed');
  expect(acts.at(-1)).toMatch(/^turn/);
});

test('what is stopped turns no more', () => {
  const { acts, pace, wait } = start();
  pace.tell('drawn');
  pace.stop();
  wait(SHOWN_MS);
  expect(acts).toEqual([]);
});

test('how long a picture is shown is remembered, and is as before where nothing can be', () => {
  const kept = new Map<string, string>();
  const storage = () => ({
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, text: string) => void kept.set(key, text),
  });
  expect(readPace(storage)).toBe(SHOWN_MS);
  writePace(10_000, storage);
  expect(readPace(storage)).toBe(10_000);
  writePace(1, storage);
  expect(readPace(storage)).toBe(SHOWN_MS);
  const forbidden = () => {
    throw new DOMException('', 'SecurityError');
  };
  writePace(3_000, forbidden);
  expect(readPace(forbidden)).toBe(SHOWN_MS);
});
