/**
 * The limit of a call in the tier `flex`. Google aims at 1 to 15 minutes
 * (https://ai.google.dev/gemini-api/docs/flex-inference), and OpenAI's guide says 15 too
 * (https://developers.openai.com/api/docs/guides/flex-processing).
 */
export const FLEX_CALL_MS = 15 * 60_000;
