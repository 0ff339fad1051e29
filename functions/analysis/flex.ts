/**
 * How long a call in the tier `flex` may take. Google aims at 1 to 15 minutes
 * (https://ai.google.dev/gemini-api/docs/flex-inference), and OpenAI's guide names 15 as well
 * (https://developers.openai.com/api/docs/guides/flex-processing).
 */
export const FLEX_CALL_MS = 15 * 60_000;
