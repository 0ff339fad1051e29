import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { AnalysisInfo, MediaClientError } from '../client/index.ts';
import { useMediaClient, useQueryCache } from './context.ts';
import { shownError } from './queries.ts';

/** Returned by `useAnalyses`. */
export interface Analyses {
  /** All analyses in the order of their names, also those that the service does not offer. Empty until they are loaded. */
  analyses: readonly AnalysisInfo[];
  /** True while the list is being loaded. */
  isLoading: boolean;
  /** Why the list could not be loaded; undefined otherwise. The hook tries again as the lists of media do. */
  error: MediaClientError | undefined;
}

const NONE: readonly AnalysisInfo[] = [];

/**
 * Loads the analyses that a media can be asked for: titles, inputs, outputs, and whether the service's model can make them.
 * They are loaded once for all components of a client.
 * @example
 * const titles = useAnalyses().analyses.map(({ title, offered }) => offered && title);
 */
export function useAnalyses(): Analyses {
  const client = useMediaClient();
  const { data, failureReason } = useQuery(
    {
      queryKey: ['analyses'],
      queryFn: ({ signal }) => client.analyses({ signal }),
      // They change only with a new release of the service.
      gcTime: Number.POSITIVE_INFINITY,
    },
    useQueryCache(),
  );
  return useMemo(
    () => ({
      analyses: data ?? NONE,
      isLoading: data === undefined && failureReason === null,
      error: shownError(failureReason),
    }),
    [data, failureReason],
  );
}
