/** The page of one user, with a client and a memory of its own. */
import type { PageConfig } from '@media-analysis/shared/page-config';
import { type ReactNode, useEffect, useState } from 'react';
import { createMediaClient, cutVideoFrames, type GetToken } from '../client/index.ts';
import { MediaClientProvider, shareTabs } from '../hooks/index.ts';
import { App } from './app.tsx';

interface UserPageProps {
  config: PageConfig;
  /** Absent: requests carry no token. */
  getToken: GetToken | undefined;
  /** The id of who is signed in; absent: the page knows nobody, or only the host does. */
  userId?: string;
  /** Their name, and how they sign out. */
  account?: ReactNode;
}

export function UserPage({ config, getToken, userId, account }: UserPageProps) {
  const { api_url, stream_url } = config;
  const { baseUrl } = globalThis.mediaAnalysis ?? {};
  const [client] = useState(() =>
    createMediaClient({
      baseUrl: baseUrl ?? api_url,
      streamUrl: stream_url ?? baseUrl ?? '',
      getToken,
      cutFrames: cutVideoFrames,
    }),
  );
  useEffect(() => {
    // Whose token a host gives is not known: another tab may belong to another user.
    if (getToken && userId === undefined) return;
    return shareTabs(client, userId ?? '');
  }, [client, getToken, userId]);
  return (
    <MediaClientProvider value={client}>
      <App account={account} />
    </MediaClientProvider>
  );
}
