import { afterEach, expect, jest, test } from '@jest/globals';
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { createMediaClient, type Media } from '../client/index.ts';
import { done, media } from '../client/testing.ts';
import { MediaClientProvider } from './context.ts';
import { storeOf } from './store.ts';
import {
  countStates,
  type MediaAnalysis,
  type MediaUpload,
  useMediaAnalysisSSE,
  useMediaUploadSSE,
} from './use-media-analysis.ts';

afterEach(() => {
  jest.useRealTimers();
});

const nothing = { get: () => undefined, isGone: () => false };

test('without media nothing is done: an empty page must not say that all is', () => {
  expect(countStates([], nothing)).toMatchObject({ isDone: false, progress: 0 });
});

test.each<[string, Media | undefined, boolean, number, boolean?]>([
  ['completed', media('a', { status: 'completed', progress: 1 }), true, 1],
  ['failed', media('a', { status: 'failed', progress: 0.2 }), true, 1],
  ['gone', undefined, true, 1, true],
  ['analyzing', media('a', { status: 'analyzing', progress: 0.5 }), false, 0.5],
  ['not known yet', undefined, false, 0],
])('one media that is %s', (_, state, isDone, progress, isGone = false) => {
  const store = { get: () => state, isGone: () => isGone };
  expect(countStates(['a'], store)).toMatchObject({ isDone, progress });
});

interface ProbeProps {
  ids: readonly string[] | undefined;
  tell: (many: MediaAnalysis, one: MediaUpload) => void;
}

function Probe({ ids, tell }: ProbeProps) {
  tell(useMediaAnalysisSSE(ids), useMediaUploadSSE(ids?.[0]));
  return null;
}

test('nothing is done where nothing is asked for, and an id that is given twice counts once', () => {
  jest.useFakeTimers();
  const client = createMediaClient();
  storeOf(client).put(done('a'));
  storeOf(client).drop('gone');
  const look = (ids: ProbeProps['ids']) => {
    let told: unknown[] = [];
    const tell: ProbeProps['tell'] = (...given) => {
      told = given;
    };
    const probe = createElement(Probe, { ids, tell });
    renderToStaticMarkup(createElement(MediaClientProvider, { value: client }, probe));
    return told;
  };
  for (const none of [undefined, []]) {
    expect(look(none)).toMatchObject([
      { isDone: false, progress: 0, completed: 0, error: undefined },
      { isDone: false, isGone: false, progress: 0, media: undefined },
    ]);
  }
  expect(look(['a', 'a', 'gone', 'gone'])).toMatchObject([
    { isDone: true, progress: 1, completed: 1 },
    { isDone: true, status: 'completed' },
  ]);
});
