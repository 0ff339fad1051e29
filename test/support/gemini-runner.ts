/** `npm run test:gemini`, and a server that does as the real one does. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { type RunningGemini, replies, startGemini } from './gemini-server.ts';

export const KEY = 'key-16180339';
const RUN = fileURLToPath(new URL('../gemini/run.ts', import.meta.url));

export async function startLikeTheRealOne(): Promise<RunningGemini> {
  const gemini = await startGemini({
    apiKey: KEY,
    respond: ({ model, text }) => {
      if (model === 'gemini-0-none') return replies.noSuchModel();
      return text.includes('no-such-bucket') ? replies.urlNotFetched() : undefined;
    },
  });
  gemini.files.canRead = (bytes) => bytes.subarray(0, 64).includes('ftyp');
  return gemini;
}

export async function runTestGemini(environment: Record<string, string>) {
  const { GEMINI_API_KEY: _, ...inherited } = process.env;
  const child = spawn(process.execPath, [RUN], { env: { ...inherited, ...environment } });
  const [out, errors, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<[number | null]>((resolve) => child.once('close', (code) => resolve([code]))),
  ]);
  return { status, out, errors };
}
