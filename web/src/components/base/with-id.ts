/** They turn the direction of all that follows. The name of a file may have them: https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters */
const TURNS = /[\u202a-\u202e\u2066-\u2069]/g;

/** A text with the id of its request, which a person gives to the operator when asking for help. It is the same in each language. */
export function withId(text: string, requestId: string | undefined): string {
  const straight = text.replace(TURNS, '');
  return requestId === undefined ? straight : `${straight} (ID ${requestId})`;
}
