/** What is behind "More". Its library comes with the first time that it is opened. */
import type { RefObject } from 'react';
import { Menu, MenuItem } from 'react-aria-components/Menu';
import { Popover } from 'react-aria-components/Popover';
import { Text } from 'react-aria-components/Text';
import type { MenuEntry } from './use-menu.tsx';
import './more-menu.css';

interface MoreMenuProps {
  label: string;
  entries: readonly MenuEntry[];
  button: RefObject<HTMLButtonElement | null>;
  onChoose: (entry: MenuEntry | undefined) => void;
  onClose: () => void;
}

export function MoreMenu({ label, entries, button, onChoose, onClose }: MoreMenuProps) {
  return (
    <Popover
      className="ma-menu"
      triggerRef={button}
      placement="bottom end"
      isOpen
      onOpenChange={(isOpen) => !isOpen && onClose()}
    >
      <Menu
        aria-label={label}
        autoFocus="first"
        items={entries}
        onAction={(id) => onChoose(entries.find((each) => each.id === id))}
        onClose={onClose}
      >
        {({ id, label, icon, lang, note }) => (
          <MenuItem id={id} className="ma-menu-item" textValue={label}>
            <span className="ma-menu-icon">{icon}</span>
            <span>
              <Text slot="label" lang={lang}>
                {label}
              </Text>
              {note && (
                <Text slot="description" className="ma-menu-note">
                  {note}
                </Text>
              )}
            </span>
          </MenuItem>
        )}
      </Menu>
    </Popover>
  );
}
