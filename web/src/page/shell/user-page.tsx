/** The page of one user, with its own client and memory. */
import { useEffect, useState } from 'react';
import { createMediaClient, type GetToken } from '../../client/index.ts';
import { MediaClientProvider, shareTabs } from '../../hooks/index.ts';
import { Afterwards } from '../loading/afterwards-lazy.tsx';
import { cutFrames } from '../sending/cut-frames.ts';
import { Notices, Shared } from '../sending/page-lazy.tsx';
import { Board } from './app.tsx';
import type { Addresses } from './config.ts';
import { PageName } from './header.tsx';
import { OnPage } from './use-back-closes.ts';
import type { Account } from './use-menu.tsx';

const SAMPLE = new URL('../sending/sample.jpg', import.meta.url).href;
const PARTS = { Afterwards, Shared, Notices, Name: PageName };

interface UserPageProps {
  config: Addresses;
  /** Undefined: requests carry no token. */
  getToken: GetToken | undefined;
  /** Id of the user; undefined: the page knows nobody, or only the host does. */
  userId?: string;
  account?: Account;
}

export function UserPage({ config, getToken, userId, account }: UserPageProps) {
  const { baseUrl = config.api_url } = globalThis.mediaAnalysis ?? {};
  const { stream_url: streamUrl = globalThis.mediaAnalysis?.baseUrl ?? '' } = config;
  const [client] = useState(() => createMediaClient({ baseUrl, streamUrl, getToken, cutFrames }));
  // The user of a host's token is not known: another tab may belong to another user.
  const owner = getToken && userId === undefined ? undefined : (userId ?? '');
  useEffect(() => {
    if (owner !== undefined) return shareTabs(client, owner);
  }, [client, owner]);
  return (
    <MediaClientProvider value={client}>
      <OnPage value={true}>
        <main className="page-main ma-board">
          <Board account={account} keepFor={owner} sampleUrl={SAMPLE} page={PARTS} />
        </main>
      </OnPage>
    </MediaClientProvider>
  );
}
