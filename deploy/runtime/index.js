/** Where the platform starts a unit. */
import { load } from './load.js';

load('./unit.js');
