/** The page of one user, with a client and a memory of its own. */
import { useEffect, useState } from 'react';
import { createMediaClient, type GetToken } from '../../client/index.ts';
import { MediaClientProvider, shareTabs } from '../../hooks/index.ts';
import { cutFrames } from '../sending/cut-frames.ts';
import { App } from './app.tsx';
import type { Addresses } from './config.ts';
import type { Account } from './use-menu.tsx';

const SAMPLE = new URL('../sending/sample.jpg', import.meta.url).href;

interface UserPageProps {
  config: Addresses;
  /** Absent: requests carry no token. */
  getToken: GetToken | undefined;
  /** The id of who is signed in; absent: the page knows nobody, or only the host does. */
  userId?: string;
  /** Their name, and how they sign out. */
  account?: Account;
}

export function UserPage({ config, getToken, userId, account }: UserPageProps) {
  const { api_url, stream_url } = config;
  const { baseUrl } = globalThis.mediaAnalysis ?? {};
  const [client] = useState(() =>
    createMediaClient({
      baseUrl: baseUrl ?? api_url,
      streamUrl: stream_url ?? baseUrl ?? '',
      getToken,
      cutFrames,
    }),
  );
  // Whose token a host gives is not known: another tab may belong to another user.
  const owner = getToken && userId === undefined ? undefined : (userId ?? '');
  useEffect(() => {
    if (owner !== undefined) return shareTabs(client, owner);
  }, [client, owner]);
  return (
    <MediaClientProvider value={client}>
      <App account={account} keepFor={owner} sampleUrl={SAMPLE} />
    </MediaClientProvider>
  );
}
