/** A text with the id of its request, which a person gives to the operator when asking for help. It is the same in each language. */
export const withId = (text: string, requestId: string | undefined): string =>
  requestId === undefined ? text : `${text} (ID ${requestId})`;
