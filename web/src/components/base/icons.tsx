/** Line icons, 24 units square, in the colour of the text around them. Screen readers skip them. */
import type { ReactNode } from 'react';

export function Icon({ children, className = '' }: { children: ReactNode; className?: string }) {
  return (
    <svg className={`ma-icon ${className}`} viewBox="0 0 24 24" aria-hidden="true">
      {children}
    </svg>
  );
}

/** @__NO_SIDE_EFFECTS__ */
export const icon =
  (path: string, className = '') =>
  () => (
    <Icon className={className}>
      <path d={path} />
    </Icon>
  );

export const UploadIcon = icon(
  'M12 16V4m0 0L7 9m5-5 5 5M4 16v2.5A1.5 1.5 0 0 0 5.5 20h13a1.5 1.5 0 0 0 1.5-1.5V16',
);
export const AddIcon = icon('M12 5v14M5 12h14');
export const MoreIcon = icon('M5 12h.1M12 12h.1M19 12h.1', 'ma-icon-dots');
export const ClockIcon = icon('M3.5 12a8.5 8.5 0 1 0 17 0a8.5 8.5 0 1 0-17 0ZM12 7.5V12l3 2');
export const StoreIcon = icon(
  'M7 18.5a4.5 4.5 0 0 1-.6-8.96A6 6 0 0 1 18 11a3.8 3.8 0 0 1-.5 7.5M12 20v-7m0 0-2.5 2.5M12 13l2.5 2.5',
);
export const SparkIcon = icon(
  'M12 3.5c.6 4.6 3.4 7.4 8 8-4.6.6-7.4 3.4-8 8-.6-4.6-3.4-7.4-8-8 4.6-.6 7.4-3.4 8-8Z',
);
export const CheckIcon = icon('m5 12.5 4.5 4.5L19 7.5');
export const AlertIcon = icon(
  'M12 8v5m0 3.2v.1M10.4 4.3 2.9 17.4A1.8 1.8 0 0 0 4.5 20h15a1.8 1.8 0 0 0 1.6-2.6L13.6 4.3a1.85 1.85 0 0 0-3.2 0Z',
);
export const RetryIcon = icon('M19.5 12a7.5 7.5 0 1 1-2.3-5.4L20 9.2M20 4v5.2h-5.2');
export const HiddenIcon = icon(
  'M4 4l16 16M9.9 5.8A9 9 0 0 1 21.5 12a12 12 0 0 1-2.3 3M6.5 7.5A12 12 0 0 0 2.5 12a10.5 10.5 0 0 0 13.7 5.4M10 10a2.8 2.8 0 0 0 4 4',
);
export const TrashIcon = icon(
  'M4.5 7h15M9.5 7V4.5h5V7m3.5 0-.7 11.6a1.5 1.5 0 0 1-1.5 1.4H8.2a1.5 1.5 0 0 1-1.5-1.4L6 7',
);
export const CloseIcon = icon('m6 6 12 12M18 6 6 18');
export const StopIcon = icon('M7 7h10v10H7z');
export const PauseIcon = icon('M9 6v12M15 6v12');
export const PlayIcon = icon('M8 5.5v13l10.5-6.5z');
export const ImageIcon = icon(
  'M6 4.5h12a2.5 2.5 0 0 1 2.5 2.5v10a2.5 2.5 0 0 1-2.5 2.5h-12a2.5 2.5 0 0 1-2.5 -2.5v-10a2.5 2.5 0 0 1 2.5 -2.5ZM7.4 10a1.6 1.6 0 1 0 3.2 0a1.6 1.6 0 1 0-3.2 0ZM4 17l5-4.5 3.5 3 3-2.5 4.5 4',
);
export const VideoIcon = icon(
  'M6 5.5h7a2.5 2.5 0 0 1 2.5 2.5v8a2.5 2.5 0 0 1-2.5 2.5h-7a2.5 2.5 0 0 1-2.5 -2.5v-8a2.5 2.5 0 0 1 2.5 -2.5ZM15.5 11l5-3v8l-5-3',
);
