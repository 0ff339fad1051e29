/** Limits of the pictures that a sender may cut from a video and send along. Free of zod, for the page. */

export const MAX_FRAMES = 8;

/** Bytes of one frame. A JPEG with sides of 1,280 pixels has about a third of this. */
export const MAX_FRAME_BYTES = 300_000;

/** Pixels of the longer side. Larger pictures are scaled down. */
export const MAX_FRAME_SIDE = 1_280;
