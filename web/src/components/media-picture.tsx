/** The picture in the full view, with a box around each object whose place is known. */
import { useState } from 'react';
import type { Media } from '../client/index.ts';
import { useMediaUrl } from '../hooks/index.ts';
import { heldText } from './held-text.ts';
import { HiddenIcon, ImageIcon } from './icons.tsx';
import { VideoPlayer } from './video-player.tsx';
import { useWords } from './words/index.ts';
import { Zoomable } from './zoomable.tsx';

interface MediaPictureProps {
  media: Media;
  /** Whether boxes are drawn around its objects. */
  hasBoxes: boolean;
  /** Index of the object to mark. */
  pointed: number | undefined;
  /** A swipe shows the media before this one, or after it. */
  onPrevious?: (() => void) | undefined;
  onNext?: (() => void) | undefined;
  /** Called with the player of a video, and with null when it is gone. */
  onPlayer?: (player: HTMLVideoElement | null) => void;
}

const percent = (share: number) => `${share * 100}%`;

/** What browsers show by themselves. Of other photos the preview is all they can show. */
const SHOWN = ['image/jpeg', 'image/png', 'image/webp', 'image/gif', 'image/avif'];

export function MediaPicture(props: MediaPictureProps) {
  const { media, hasBoxes, pointed, onPrevious, onNext, onPlayer } = props;
  const words = useWords();
  const { analytics, file_name, held } = media;
  const isVideo = media.content_type.startsWith('video/');
  const id = held || isVideo ? undefined : media.id;
  const preview = useMediaUrl(id, 'preview');
  const [isZoomed, setIsZoomed] = useState(false);
  // A preview is small. Who looks closely sees the original.
  const isOriginal = isZoomed && SHOWN.includes(media.content_type);
  const content = useMediaUrl(isOriginal ? id : undefined, 'content');
  const alt = analytics?.summary ?? file_name;
  if (held) {
    return (
      <p className="ma-thumb-none">
        <HiddenIcon /> {heldText(media, words)}
      </p>
    );
  }
  if (isVideo) {
    return (
      <VideoPlayer
        mediaId={media.id}
        hasPoster={media.frames !== undefined}
        alt={alt}
        onPlayer={onPlayer}
      />
    );
  }
  if (preview.url === undefined) {
    return (
      <p className="ma-thumb-none">
        <ImageIcon /> {words.noPreview}
      </p>
    );
  }
  return (
    <Zoomable onZoom={setIsZoomed} onPrevious={onPrevious} onNext={onNext}>
      <div className="ma-picture">
        <img src={preview.url} alt={alt} onError={preview.onError} draggable={false} />
        {isOriginal && content.url && (
          <img className="ma-picture-original" src={content.url} alt="" draggable={false} />
        )}
        {analytics?.objects.map(
          ({ label, box }, index) =>
            hasBoxes &&
            box && (
              <div
                // biome-ignore lint/suspicious/noArrayIndexKey: two objects may differ in nothing else
                key={index}
                className="ma-box"
                data-pointed={pointed === index}
                style={{
                  left: percent(box.x),
                  top: percent(box.y),
                  width: percent(box.width),
                  height: percent(box.height),
                }}
              >
                <span className="ma-box-label">{words.label(label)}</span>
              </div>
            ),
        )}
      </div>
    </Zoomable>
  );
}
