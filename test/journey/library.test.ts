/** Searches in a library of 2,500 media: more than one search compares. */
import { searchesIn } from './library.ts';

searchesIn(2_500);
