/** Limits of the pictures that a sender may cut from a video and send along. Free of zod, for the page. */

export const MAX_FRAMES = 8;

/** Bytes of one frame. A JPEG of 1,280 pixels a side has about a third of it. */
export const MAX_FRAME_BYTES = 300_000;

/** Pixels of the longer side. What is larger is made smaller. */
export const MAX_FRAME_SIDE = 1_280;
