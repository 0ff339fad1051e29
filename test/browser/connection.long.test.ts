/** Whatever becomes of the connection, in the middle of a batch: the page ends right by itself. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, test } from '@jest/globals';
import { type Connection, type Connections, startConnections, TROUBLES } from './connection.ts';

let connections: Connections;
let connection: Connection;
beforeAll(async () => {
  connections = await startConnections();
});
afterAll(() => connections.close());
beforeEach(async () => {
  connection = await connections.open();
});
afterEach(() => connection.close());

describe('in the middle of ten photos', () => {
  test.each(Object.entries(TROUBLES))('%s', (_, happens) => happens(connection, 10));
});
