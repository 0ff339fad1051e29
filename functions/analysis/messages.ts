/** Builds the messages to a model: the prompt, and the pictures or the video. */
import type { MessageData, Part } from 'genkit';
import type { FlowInput, ModelMedia, Question, Wish } from './call.ts';
import type { Frame } from './frame.ts';
import { looksAtFrames, providerFor } from './profiles.ts';
import { withMedia } from './prompt.ts';

export async function messagesTo(
  model: string,
  media: readonly ModelMedia[],
  { facts, fileName, language, frames }: FlowInput,
  wish: Wish,
  { asked, render }: Question,
): Promise<MessageData[]> {
  if (providerFor(model).ours) {
    const data = { facts, fileName, language, analysis: asked.name, ...(frames && { frames }) };
    return withMedia([{ role: 'user', content: [{ data }] }], media.map(toPart));
  }
  // The file's name is not sent, because it may say more than the picture, and may try to give orders.
  const isFrames = frames !== undefined && looksAtFrames(model);
  const parts = isFrames ? framesInWords(frames, media.map(toPart)) : media.map(toPart);
  return withMedia(await render(language, wish), parts);
}

const toPart = ({ url, contentType }: ModelMedia): Part => ({ media: { url, contentType } });

/** Puts the time of each picture before it. Nobody knows whether it is really a frame of the video. */
function framesInWords(frames: readonly Frame[], pictures: readonly Part[]): Part[] {
  const first = `The ${pictures.length} pictures are frames of one video, as its sender has chosen them. What is between them, and its sound, is not known.`;
  return [
    { text: first },
    ...pictures.flatMap((picture, n) => [
      { text: `\nFrame ${n + 1}, at ${frames[n]?.time_s ?? 0} s:\n` },
      picture,
    ]),
  ];
}
