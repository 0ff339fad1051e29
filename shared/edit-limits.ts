/** Limits of an owner's texts, the same as a model's. Free of zod, because the page needs this file too. */
export const MAX_TITLE = 200;
export const MAX_SUMMARY = 2_000;
export const MAX_TAG = 60;
export const MAX_TAGS = 30;
