import { headers } from 'next/headers';

/** Your own sign-in says who it is. Never take it from what a browser can choose. */
export async function currentUser(): Promise<string> {
  return 'alice';
}

/** What the browser asks for first, so that the server draws the page in it. */
export async function currentLanguage(): Promise<'en' | 'ja'> {
  return /^ja\b/i.test((await headers()).get('accept-language') ?? '') ? 'ja' : 'en';
}
