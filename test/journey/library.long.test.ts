/** The same searches among 10,000 media. `npm run bench -- search` measures how long they take. */
import { searchesIn } from './library.ts';

searchesIn(10_000);
