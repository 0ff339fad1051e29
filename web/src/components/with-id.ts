/** A text with the id of a request, for who asks the operator for help. In each language it is written so. */
export const withId = (text: string, requestId: string | undefined): string =>
  requestId === undefined ? text : `${text} (ID ${requestId})`;
