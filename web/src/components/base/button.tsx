import type { ComponentProps } from 'react';

interface ButtonProps extends ComponentProps<'button'> {
  kind?: 'primary' | 'danger' | 'icon' | 'overlay' | 'link' | undefined;
  /** Of one without words: its tooltip, and its name for screen readers. */
  label?: string | undefined;
}

export const Button = ({ kind, label, ...props }: ButtonProps) => (
  <button
    type="button"
    className="ma-button"
    data-kind={kind}
    aria-label={label}
    title={label}
    {...props}
  />
);
