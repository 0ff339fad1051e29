/** Icons that the first screen does not need, so that they are loaded later. */
import { Icon } from './icons.tsx';

export const DownloadIcon = () => (
  <Icon>
    <path d="M12 4v11m0 0 4.5-4.5M12 15l-4.5-4.5M5 19.5h14" />
  </Icon>
);
export const ExportIcon = () => (
  <Icon>
    <path d="M4.5 5.5h15v13h-15zM4.5 10h15M4.5 14.3h15M10 10v8.5" />
  </Icon>
);
