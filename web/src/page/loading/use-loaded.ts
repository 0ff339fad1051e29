import { useEffect, useState } from 'react';
import { retryImport } from '../../hooks/retry-import.ts';

/**
 * Loads a part of the page later.
 * @param isWanted Then it is loaded, at once or as soon as possible.
 */
export function useLoaded<Part extends object>(
  isWanted: boolean,
  load: () => Promise<Part>,
): Part | undefined {
  const [part, setPart] = useState<Part>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the function is another one each time, and loads the same
  useEffect(() => {
    if (isWanted) void retryImport(load).then(setPart);
  }, [isWanted]);
  return part;
}
