/** The picture, the frames or the video of a media, as one model takes it. */

import type { AnalyzeInput } from './analyzer.ts';
import type { ModelMedia } from './call.ts';
import { dataUrl } from './data-url.ts';
import type { FileService } from './files-api.ts';
import { looksAtFrames, profileOf } from './profiles.ts';

/** The preview and frames are always sent inside the request. */
export async function mediaFor(
  model: string,
  { facts, preview, video, frames, fileName, contentType }: AnalyzeInput,
  { maxVideoS, ...files }: FileService & { maxVideoS: number | undefined },
  signal: AbortSignal,
): Promise<ModelMedia | readonly ModelMedia[] | null> {
  const profile = profileOf(model);
  if (!profile.takesPictures) return null;
  if (facts.kind === 'image') {
    return preview && { url: dataUrl(preview, 'image/jpeg'), contentType: 'image/jpeg' };
  }
  if (looksAtFrames(model)) {
    const jpegs = (await frames?.read()) ?? [];
    return jpegs.map((jpeg) => ({ url: dataUrl(jpeg, 'image/jpeg'), contentType: 'image/jpeg' }));
  }
  const { videoFor } = await import('./video.ts');
  const length = { durationS: facts.duration_s, maxSeconds: maxVideoS };
  const subject = { contentType, fileName, ...length, source: video };
  return videoFor(profile, subject, files, signal);
}
