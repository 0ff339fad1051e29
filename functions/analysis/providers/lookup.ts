/**
 * Asks a provider for the record of a model. This is free, because no model runs.
 * @returns undefined if the answer is neither yes nor no, e.g. for a wrong key or a missing permission
 */
export async function lookUpModel(
  url: string,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<boolean | undefined> {
  const { status, body } = await fetch(url, { headers, signal });
  await body?.cancel();
  if (status === 200) return true;
  return status === 404 ? false : undefined;
}
