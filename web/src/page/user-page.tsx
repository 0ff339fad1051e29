/** The page of one user, with a client and a memory of its own. */
import type { PageConfig } from '@media-analysis/shared/page-config';
import { type ReactNode, useState } from 'react';
import { createMediaClient, type GetToken } from '../client/index.ts';
import { MediaClientProvider } from '../hooks/index.ts';
import { App } from './app.tsx';

interface UserPageProps {
  config: PageConfig;
  /** Absent: requests carry no token. */
  getToken: GetToken | undefined;
  /** Who is signed in; absent: the page knows nobody. */
  account?: ReactNode;
}

export function UserPage({ config, getToken, account }: UserPageProps) {
  const { api_url, stream_url } = config;
  const { baseUrl } = globalThis.mediaAnalysis ?? {};
  const [client] = useState(() =>
    createMediaClient({
      baseUrl: baseUrl ?? api_url,
      streamUrl: stream_url ?? baseUrl ?? '',
      getToken,
    }),
  );
  return (
    <MediaClientProvider value={client}>
      <App account={account} />
    </MediaClientProvider>
  );
}
