/**
 * The HTTP/1.1 requests of the Firestore port.
 * https://firebase.google.com/docs/emulator-suite/connect_firestore#clear_your_database_between_tests
 */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { isFromOwnPageOfService } from '../../base/this-machine.ts';
import type { Databases } from '../databases.ts';
import { toRpcError } from '../errors.ts';

const DOCUMENTS = /^\/emulator\/v1\/(projects\/[^/]+\/databases\/[^/]+)\/documents\/?$/;

/** `GET /` shows that the service runs. `DELETE` of a database's documents deletes all of them. */
export function answerHttp1(databases: Databases): RequestListener {
  return (request: IncomingMessage, response: ServerResponse) => {
    const { method, url = '/' } = request;
    const send = (status: number, body: string) => response.writeHead(status).end(body);
    const database = DOCUMENTS.exec(url)?.[1];
    request.resume();
    if (!isFromOwnPageOfService(request))
      send(403, 'Only programs on this machine may use this address.');
    // Pages of other origins cannot send the DELETE: browsers send a preflight first, and nothing here
    // allows it.
    else if (method === 'DELETE' && database) {
      databases
        .get(database)
        .clear()
        .then(
          () => send(200, '{}'),
          (error) => send(500, toRpcError(error).message),
        );
    } else if (method === 'GET' && url === '/') send(200, 'Ok');
    else send(501, 'The local Firestore has no REST API: its clients speak gRPC.');
  };
}
