/** Where the platform starts a unit. */
import { load } from './load.js';

// Of packages Node does not say which old functions they use; it no longer sees that these are packages.
process.noDeprecation = true;
load('./unit.js');
