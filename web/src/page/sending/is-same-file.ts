/** Whether two files are the same, for which little of a large video has to be read. */

/** So much is read at the start, in the middle and at the end. */
const PART = 1024 * 1024;

/** Whoever sees no question shares once more. Cameras and apps give many pictures one name, and some of them one size. */
export async function isSameFile(a: File, b: File): Promise<boolean> {
  if (a.name !== b.name || a.size !== b.size) return false;
  const [one, other] = await Promise.all([a, b].map(digestOf));
  return one === other;
}

async function digestOf(file: File): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', await sampleOf(file).arrayBuffer());
  return new Uint8Array(digest).join();
}

function sampleOf(file: File): Blob {
  if (file.size <= 3 * PART) return file;
  const middle = Math.floor((file.size - PART) / 2);
  return new Blob([
    file.slice(0, PART),
    file.slice(middle, middle + PART),
    file.slice(file.size - PART),
  ]);
}
