import type { MouseEventHandler, ReactNode } from 'react';

interface IconButtonProps {
  /** What it does: its tooltip, and its name for screen readers. */
  label: string;
  onClick: MouseEventHandler;
  children: ReactNode;
}

export const IconButton = ({ label, onClick, children }: IconButtonProps) => (
  <button
    type="button"
    className="ma-button"
    data-kind="icon"
    aria-label={label}
    title={label}
    onClick={onClick}
  >
    {children}
  </button>
);
