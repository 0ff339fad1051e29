/** The request that the API's document shows as an example. */
import { CONTRACT, type Operation } from '@media-analysis/shared/contract';
import { WORDS } from '@media-analysis/shared/contract-docs';
import { file, form } from './stack.ts';

/**
 * @param id Takes the place of each id in the path and in the body.
 */
export async function documentedRequest(
  name: Operation,
  id: string,
): Promise<[path: string, init: RequestInit]> {
  const { method, path, form: parts, json } = CONTRACT[name];
  const { asked } = WORDS[name];
  const address = path.replaceAll('{name}', 'describe').replaceAll(/\{\w+\}/g, id);
  const said = { ...asked, ...(asked?.ids !== undefined && { ids: [id] }) };
  const body = parts
    ? form([await file('08-lake.jpg')], name === 'addFrames' ? { times: '0' } : {})
    : JSON.stringify(name === 'askMedia' ? {} : said);
  const init = { method, ...((parts || json) && { body }) };
  return [name === 'streamMany' ? `${address}?ids=${id}` : address, init];
}
