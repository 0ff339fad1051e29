/** Files that were made to stop the program which opens them. `inspector.test.ts` has two of them. */
import { afterAll, test } from '@jest/globals';
import { BOMBS } from '../../test/support/bombs.ts';
import { expectThatOnlyItsSenderPays, startInspector } from '../../test/support/only-its-sender.ts';

const inspector = startInspector();
afterAll(() => inspector.close());

test.each(BOMBS.map(({ name }) => name))('%s costs nobody but its sender', (name) =>
  expectThatOnlyItsSenderPays(inspector, name),
);
