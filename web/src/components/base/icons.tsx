/** Line icons, 24 units square, in the colour of the text around them. Screen readers skip them. */
import type { ReactNode } from 'react';

export function Icon({ children, className = '' }: { children: ReactNode; className?: string }) {
  return (
    <svg className={`ma-icon ${className}`} viewBox="0 0 24 24" aria-hidden="true">
      {children}
    </svg>
  );
}

export const UploadIcon = () => (
  <Icon>
    <path d="M12 16V4m0 0L7 9m5-5 5 5M4 16v2.5A1.5 1.5 0 0 0 5.5 20h13a1.5 1.5 0 0 0 1.5-1.5V16" />
  </Icon>
);
export const AddIcon = () => (
  <Icon>
    <path d="M12 5v14M5 12h14" />
  </Icon>
);
export const MoreIcon = () => (
  <Icon className="ma-icon-dots">
    <path d="M5 12h.1M12 12h.1M19 12h.1" />
  </Icon>
);
export const ClockIcon = () => (
  <Icon>
    <circle cx="12" cy="12" r="8.5" />
    <path d="M12 7.5V12l3 2" />
  </Icon>
);
export const StoreIcon = () => (
  <Icon>
    <path d="M7 18.5a4.5 4.5 0 0 1-.6-8.96A6 6 0 0 1 18 11a3.8 3.8 0 0 1-.5 7.5M12 20v-7m0 0-2.5 2.5M12 13l2.5 2.5" />
  </Icon>
);
export const SparkIcon = () => (
  <Icon className="ma-icon-spark">
    <path d="M12 3.5c.6 4.6 3.4 7.4 8 8-4.6.6-7.4 3.4-8 8-.6-4.6-3.4-7.4-8-8 4.6-.6 7.4-3.4 8-8Z" />
  </Icon>
);
export const CheckIcon = () => (
  <Icon>
    <path d="m5 12.5 4.5 4.5L19 7.5" />
  </Icon>
);
export const AlertIcon = () => (
  <Icon>
    <path d="M12 8v5m0 3.2v.1M10.4 4.3 2.9 17.4A1.8 1.8 0 0 0 4.5 20h15a1.8 1.8 0 0 0 1.6-2.6L13.6 4.3a1.85 1.85 0 0 0-3.2 0Z" />
  </Icon>
);
export const RetryIcon = () => (
  <Icon>
    <path d="M19.5 12a7.5 7.5 0 1 1-2.3-5.4L20 9.2M20 4v5.2h-5.2" />
  </Icon>
);
export const HiddenIcon = () => (
  <Icon>
    <path d="M4 4l16 16M9.9 5.8A9 9 0 0 1 21.5 12a12 12 0 0 1-2.3 3M6.5 7.5A12 12 0 0 0 2.5 12a10.5 10.5 0 0 0 13.7 5.4M10 10a2.8 2.8 0 0 0 4 4" />
  </Icon>
);
export const TrashIcon = () => (
  <Icon>
    <path d="M4.5 7h15M9.5 7V4.5h5V7m3.5 0-.7 11.6a1.5 1.5 0 0 1-1.5 1.4H8.2a1.5 1.5 0 0 1-1.5-1.4L6 7" />
  </Icon>
);
export const CloseIcon = () => (
  <Icon>
    <path d="m6 6 12 12M18 6 6 18" />
  </Icon>
);
export const PauseIcon = () => (
  <Icon>
    <path d="M9 6v12M15 6v12" />
  </Icon>
);
export const PlayIcon = () => (
  <Icon>
    <path d="M8 5.5v13l10.5-6.5z" />
  </Icon>
);
export const ImageIcon = () => (
  <Icon>
    <rect x="3.5" y="4.5" width="17" height="15" rx="2.5" />
    <circle cx="9" cy="10" r="1.6" />
    <path d="m4 17 5-4.5 3.5 3 3-2.5 4.5 4" />
  </Icon>
);
export const VideoIcon = () => (
  <Icon>
    <rect x="3.5" y="5.5" width="12" height="13" rx="2.5" />
    <path d="m15.5 11 5-3v8l-5-3" />
  </Icon>
);
