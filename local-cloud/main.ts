#!/usr/bin/env node
/** `npx @media-analysis/local-cloud firestore storage`. npm only warns of an older Node, under which no import would work. */
import { OLDEST_NODE } from './node.ts';

const { node } = process.versions;
if (node.localeCompare(OLDEST_NODE, 'en', { numeric: true }) < 0) {
  console.error(`local-cloud needs Node ${OLDEST_NODE} or newer. This is Node ${node}.`);
  process.exitCode = 1;
} else await import('./command.ts');
