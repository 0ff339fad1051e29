/** Numbers and names of the event stream that the server and the browser share. */

/** The most ids that one stream or one polling request may name. */
export const MAX_IDS = 100;

/** The id of a stream's last event. A request that sends it back as `Last-Event-ID` gets 204. */
export const DONE_EVENT_ID = 'done';
