/** The page, built once for all test files of a run: in a new clone, each of four workers would build it. */
import { buildPage } from '../../web/build-page.ts';
import { digestOf } from './build.ts';
import { makeOnce } from './make-once.ts';

export async function currentPage(): Promise<void> {
  await makeOnce('page', digestOf(['web', 'shared', 'docs']), () => buildPage());
  // It is there, unless something has removed it since.
  await buildPage();
}
