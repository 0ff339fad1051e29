/** How the time of a delivery is shared out. */

/**
 * The share of a delivery in which calls to a model must end. A call that the end of the delivery cuts off tells nobody that
 * the model is silent.
 */
export const CALLS_SHARE = 0.95;

/** What a delivery needs to write how it went, before Cloud Tasks gives it up. */
export const LAST_WRITES_S = 60;
