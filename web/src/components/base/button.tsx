import { type ComponentPropsWithoutRef, forwardRef } from 'react';

interface ButtonProps extends ComponentPropsWithoutRef<'button'> {
  kind?: 'primary' | 'danger' | 'icon' | 'overlay' | 'link' | undefined;
  /** Of one without words: its tooltip, and its name for screen readers. */
  label?: string | undefined;
}

/** React 18 gives a function component no ref by itself. */
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
