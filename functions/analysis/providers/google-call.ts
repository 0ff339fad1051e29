import type { Provider } from './provider.ts';

/** The settings of a call. The model thinks as little as it can, because a description needs no more. */
export const callConfig: Provider['callConfig'] = (
  { maxOutputTokens, thinking, mediaResolution },
  { video },
) => ({
  maxOutputTokens,
  ...(thinking && { thinkingConfig: thinking }),
  ...(mediaResolution && {
    mediaResolution: video ? mediaResolution.video : mediaResolution.picture,
  }),
});
