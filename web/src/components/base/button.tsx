import { type ComponentPropsWithoutRef, forwardRef } from 'react';

interface ButtonProps extends ComponentPropsWithoutRef<'button'> {
  kind?: 'primary' | 'danger' | 'icon' | 'overlay' | 'link' | undefined;
  /** For a button without words: its tooltip, and its name for screen readers. */
  label?: string | undefined;
}

/** React 18 passes no ref to a plain function component. */
export const Button = forwardRef<HTMLButtonElement, ButtonProps>(
  ({ kind, label, ...props }, ref) => (
    <button
      ref={ref}
      type="button"
      className="ma-button"
      data-kind={kind}
      aria-label={label}
      title={label}
      {...props}
    />
  ),
);
