import type { ReactNode } from 'react';

export type Fact = readonly [name: string, value: ReactNode, isBig?: boolean];

/** Names and values. */
export const Facts = ({ facts, isWide }: { facts: readonly Fact[]; isWide?: boolean }) => (
  <dl className={isWide ? 'facts wide-facts' : 'facts'}>
    {facts.map(([name, value, isBig]) => (
      <div key={name}>
        <dt>{name}</dt>
        <dd className={isBig ? 'big' : undefined}>{value}</dd>
      </div>
    ))}
  </dl>
);
