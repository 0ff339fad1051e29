/** Searches among 10,000 media: more than one search compares. `npm run bench -- search` measures how long they take. */
import { searchesIn } from './library.ts';

searchesIn(10_000);
