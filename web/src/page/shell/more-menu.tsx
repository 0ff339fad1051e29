/** The menu "More". Its library is loaded when the menu is first opened. */
import type { RefObject } from 'react';
import { Menu, MenuItem } from 'react-aria-components/Menu';
import { Popover } from 'react-aria-components/Popover';
import { Text } from 'react-aria-components/Text';
import './more-menu.css';

export interface MenuEntry {
  id: string;
  label: string;
  /** A second line. */
  note?: string | undefined;
  /** Language of the label, if it is not that of the page. */
  lang?: string;
  /** Undefined: the entry is not shown, or disabled if it was possible when the menu was opened. */
  onPress?: (() => void) | undefined;
}

interface MoreMenuProps {
  label: string;
  entries: readonly MenuEntry[];
  button: RefObject<HTMLButtonElement | null>;
  onChoose: (entry: MenuEntry) => void;
  onClose: () => void;
}

export const MoreMenu = ({ label, entries, button, onChoose, onClose }: MoreMenuProps) => (
  <Popover
    className="ma-menu"
    triggerRef={button}
    placement="bottom end"
    isOpen
    onOpenChange={(isOpen) => !isOpen && onClose()}
  >
    <Menu aria-label={label} autoFocus="first" items={entries} onClose={onClose}>
      {(entry) => (
        <MenuItem
          className="ma-menu-item"
          textValue={entry.label}
          isDisabled={!entry.onPress}
          onAction={() => onChoose(entry)}
        >
          <span>
            <Text slot="label" lang={entry.lang}>
              {entry.label}
            </Text>
            {entry.note && (
              <Text slot="description" className="ma-menu-note">
                {entry.note}
              </Text>
            )}
          </span>
        </MenuItem>
      )}
    </Menu>
  </Popover>
);
