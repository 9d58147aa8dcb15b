import type { ReactNode } from 'react';

/** What may be wider than the screen: it scrolls by itself, by keyboard too. */
export const Scroll = ({
  label,
  className = '',
  children,
}: {
  label: string;
  className?: string;
  children: ReactNode;
}) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
  <section className={`scroll ${className}`} tabIndex={0} aria-label={label}>
    {children}
  </section>
);
