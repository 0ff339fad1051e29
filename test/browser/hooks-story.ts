/** An app made of hooks, as an adopter writes it, in JavaScript that also runs without a bundler. It says what its hooks say. */
export const STORY = `'use client';
  import { createMediaClient } from '@media-analysis/client';
  import {
    MediaClientProvider, PhotoUpload, summaryOf, UploadProgress, useAnalyzeMedia, useMediaAnalysisSSE, useMediaUploadSSE,
  } from '@media-analysis/react';
  import { createElement, StrictMode, useCallback } from 'react';

  const client = createMediaClient({ getToken: (options) => globalThis.giveToken?.(options) });

  function Photos() {
    const { analyze, uploads, mediaIds } = useAnalyzeMedia({ metadata: { order: '1042' } });
    const { media, connection, isDone, error } = useMediaAnalysisSSE(mediaIds);
    const { status, isGone } = useMediaUploadSSE(mediaIds[0]);
    const onFiles = useCallback((files) => void analyze(files), [analyze]);
    const items = uploads.map((upload) => ({ upload, media: media.get(upload.mediaId ?? '') }));
    const states = uploads.map(({ state }) => state);
    return createElement(
      'main',
      null,
      createElement(PhotoUpload, { onFiles }),
      createElement(UploadProgress, { batch: summaryOf(items), connection }),
      createElement('output', null, JSON.stringify({ states, status, connection, isDone, isGone, error: error?.code })),
    );
  }

  export default function App() {
    const all = createElement(MediaClientProvider, { value: client }, createElement(Photos));
    return createElement(StrictMode, null, all);
  }`;
