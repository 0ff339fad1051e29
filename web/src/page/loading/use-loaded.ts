import { useEffect, useState } from 'react';
import { retryImport } from '../../hooks/retry-import.ts';

/**
 * A part of the page that is not there from the beginning.
 * @param isWanted It is loaded then, or as soon as it can be had.
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
