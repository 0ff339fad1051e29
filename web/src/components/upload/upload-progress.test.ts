import { expect, test } from '@jest/globals';
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import type { StoreConnection } from '../../hooks/index.ts';
import { UploadProgress } from './upload-progress.tsx';

const batch = { total: 9, ready: 3, failed: 0, stopped: 0, progress: 0.5 };
const timeLeft = { from: 60, to: 120 };
const shownWhile = (connection: StoreConnection) =>
  renderToStaticMarkup(createElement(UploadProgress, { batch, connection, timeLeft }));

test('the time left is told while the connection is live, and not while it is made again', () => {
  expect(shownWhile('live')).toContain('ma-time-left');
  expect(shownWhile('reconnecting')).not.toContain('ma-time-left');
});
