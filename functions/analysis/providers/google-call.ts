/** What a call of a Gemini model is set to. */
import type { Provider } from './provider.ts';

/** Lets the model think as little as it can: a description needs no more. */
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
