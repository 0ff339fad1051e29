/** Characters that turn the text direction. File names may have them: https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters */
const TURNS = /[\u202a-\u202e\u2066-\u2069]/g;

/** Adds the request id, which the user gives to the operator when asking for help. It is the same in each language. */
export function withId(text: string, requestId: string | undefined): string {
  const straight = text.replace(TURNS, '');
  return requestId === undefined ? straight : `${straight} (ID ${requestId})`;
}
