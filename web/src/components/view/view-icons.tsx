/** Icons that the first screen does not need, so that they are loaded later. */
import { Icon, icon } from '../base/icons.tsx';

export const DownloadIcon = icon('M12 4v11m0 0 4.5-4.5M12 15l-4.5-4.5M5 19.5h14');
export const SlideshowIcon = icon('M4.5 5h15v11.5h-15zM10.5 8v5.5l4.5-2.75zM8 20h8');
export const EditIcon = icon(
  'M4.5 19.5 5.5 15 15.8 4.7a1.8 1.8 0 0 1 2.5 0l1 1a1.8 1.8 0 0 1 0 2.5L9 18.5zM13.5 7l3.5 3.5',
);
export const CalendarIcon = icon('M4.5 6.5h15v13h-15zM4.5 10.5h15M8.5 4v4.5M15.5 4v4.5');
export const PlaceIcon = icon(
  'M12 20.5s-6.5-5.6-6.5-10.3a6.5 6.5 0 0 1 13 0c0 4.7-6.5 10.3-6.5 10.3ZM14.3 10.2a2.3 2.3 0 1 1 0-.1Z',
);
export const BackIcon = icon('m14.5 5.5-6.5 6.5 6.5 6.5');
export const ForwardIcon = icon('m9.5 5.5 6.5 6.5-6.5 6.5');
export const InfoIcon = icon('M20.5 12a8.5 8.5 0 1 1 0-.1ZM12 11v5.5M12 7.6v.1');
export const SelectAllIcon = icon('m3 12.5 4.5 4.5L16 7.5M11.5 16l1 1L21 7.5');
export const SelectNoneIcon = icon(
  'M8 5h8a3 3 0 0 1 3 3v8a3 3 0 0 1-3 3H8a3 3 0 0 1-3-3V8a3 3 0 0 1 3-3Z',
);
export const BellIcon = ({ isOn }: { isOn: boolean }) => (
  <Icon className={isOn ? 'ma-icon-full' : ''}>
    <path d="M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 1.5h-15zM10 20.5h4" />
  </Icon>
);
