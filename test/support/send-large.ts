/**
 * `node send-large.ts URL COUNT MEGABYTES`: so many uploads side by side, as fast as they are taken, from a
 * process of its own, so that the sender is not what they wait for. Prints the statuses.
 */
import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';

const [url = '', count = '1', megabytes = '1'] = process.argv.slice(2);
const CHUNK = Buffer.alloc(1_000_000);

async function upload(): Promise<number | undefined> {
  const request = http.request(`${url}/api/media`, {
    method: 'POST',
    headers: { 'Content-Type': 'multipart/form-data; boundary=xyz' },
  });
  const response = once(request, 'response') as Promise<[IncomingMessage]>;
  request.write(
    '--xyz\r\nContent-Disposition: form-data; name="file"; filename="large.jpg"\r\n\r\n',
  );
  for (let sent = 0; sent < Number(megabytes); sent++) {
    // An early answer ends the request: it will take no more bytes.
    if (!request.write(CHUNK)) await Promise.race([once(request, 'drain'), response]);
  }
  request.end('\r\n--xyz--\r\n');
  const [answer] = await response;
  answer.resume();
  return answer.statusCode;
}

const statuses = await Promise.all(Array.from({ length: Number(count) }, upload));
console.log(statuses.join(' '));
