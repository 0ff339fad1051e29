/** How long the words of an owner may be: as long as what a model may write. Free of zod, because the page needs this file too. */
export const MAX_TITLE = 200;
export const MAX_TAG = 60;
export const MAX_TAGS = 30;
