/** The printed page: each shown photo with its words, in a layout for paper. It is made when the browser prints. */
import { useEffect, useState } from 'react';
import { createPortal, flushSync } from 'react-dom';
import type { Media } from '../../client/index.ts';
import { Boundary } from '../../components/base/boundary.tsx';
import { formatTime } from '../../components/base/dates.ts';
import { shownOnTile } from '../../components/card/thumbnail.tsx';
import { placeName } from '../../components/view/place-name.ts';
import { commaIn, useWords } from '../../components/words/index.ts';
import { useLabel } from '../../components/words/view.ts';
import { useMediaClient } from '../../hooks/index.ts';
import './printed.css';

export function Printed({ media }: { media: readonly Media[] }) {
  const [isPrinting, setIsPrinting] = useState(false);
  useEffect(() => {
    const ends = new AbortController();
    // The browser prints what is there when the event is over.
    addEventListener('beforeprint', () => flushSync(() => setIsPrinting(true)), ends);
    addEventListener('afterprint', () => setIsPrinting(false), ends);
    return () => ends.abort();
  }, []);
  if (!isPrinting) return null;
  return createPortal(
    <div className="ma-printed">
      {media.map((each) => (
        <Boundary key={each.id} of={each} instead={null}>
          <Item media={each} />
        </Boundary>
      ))}
    </div>,
    document.body,
  );
}

function Item({ media: { id, analytics, file_name, held } }: { media: Media }) {
  const { language } = useWords();
  const client = useMediaClient();
  const title = analytics?.title ?? file_name;
  const { taken_at, place } = analytics?.capture ?? {};
  // The time of the camera has no zone: it is not converted.
  const time = Date.parse(`${taken_at}Z`);
  const facts = [
    !Number.isNaN(time) && formatTime(time, language, 'UTC'),
    place && placeName(place, language),
    title !== file_name && file_name,
  ];
  // The picture on the screen is loaded already. With tokens, no other URL is known yet.
  const picture = shownOnTile(id) ?? (held ? undefined : client.plainUrl(id, 'small'));
  return (
    <article>
      {picture && <img src={picture} alt="" />}
      <div>
        <h2>{title}</h2>
        {analytics && <p>{analytics.summary}</p>}
        {analytics && <Tags analytics={analytics} />}
        <p className="ma-printed-facts">{facts.filter(Boolean).join(' · ')}</p>
      </div>
    </article>
  );
}

function Tags({ analytics }: { analytics: NonNullable<Media['analytics']> }) {
  const labelOf = useLabel(analytics);
  return <p>{analytics.tags.map(labelOf).join(commaIn(analytics.language))}</p>;
}
