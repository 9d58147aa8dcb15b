import { type ReactNode, useState } from 'react';
import { Button } from './controls.tsx';
import { count } from './format.ts';

/** The first rows of a long table, and a button for all: the page is there at once however many there are. */
export function FirstRows<T>(props: {
  readonly rows: readonly T[];
  /** plural, as in "Show all 1,000 feeds" */
  readonly what: string;
  readonly first?: number;
  readonly children: (shown: readonly T[]) => ReactNode;
}) {
  const { rows, what, first = 50, children } = props;
  const [all, showAll] = useState(false);
  const isCut = !all && rows.length > first;
  return (
    <>
      {children(isCut ? rows.slice(0, first) : rows)}
      {isCut && (
        <p>
          <span className="quiet">The first {count(first)} are shown. </span>
          <Button onPress={() => showAll(true)}>
            Show all {count(rows.length)} {what}
          </Button>
        </p>
      )}
    </>
  );
}
