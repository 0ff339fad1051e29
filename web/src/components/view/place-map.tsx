/** A small map with the place of a photo in its middle. */
import { useContext, useEffect, useRef } from 'react';
import { useWords } from '../words/index.ts';
import type { ViewWords } from '../words/words.ts';
import { MapButtons } from './map-buttons.tsx';
import { LoadTilesContext } from './map-tiles.ts';
import { createWorldMap, type Place, type WorldMap } from './world-map.ts';

/** A country and those around it. */
const FIRST_ZOOM = 4;
/** A part of a town. */
const TILES_ZOOM = 13;

interface PlaceMapProps extends Place {
  words: ViewWords['map'];
}

export function PlaceMap({ latitude, longitude, words }: PlaceMapProps) {
  const { language } = useWords();
  const loadTiles = useContext(LoadTilesContext);
  const element = useRef<HTMLDivElement>(null);
  const map = useRef<WorldMap>(undefined);
  useEffect(() => {
    if (!element.current) return;
    const made = createWorldMap(element.current, {
      language,
      isMoved: false,
      loadTiles,
      onTiles: (own) => own.show([{ latitude, longitude }], TILES_ZOOM),
    });
    const pin = Object.assign(document.createElement('div'), { className: 'ma-map-pin' });
    made.show([{ latitude, longitude }], FIRST_ZOOM);
    made.put(pin, { latitude, longitude });
    map.current = made;
    return made.remove;
  }, [language, loadTiles, latitude, longitude]);
  return (
    <div className="ma-place-map">
      <div ref={element} className="ma-map" role="img" aria-label={words.picture} />
      <MapButtons words={words} onZoom={(step) => map.current?.zoomBy(step)} />
    </div>
  );
}
