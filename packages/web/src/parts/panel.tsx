import { type ReactNode, useId } from 'react';
import type { Loaded } from '../api/use-api.ts';
import { Age } from './age.tsx';
import { Button } from './controls.tsx';

interface Props<T> {
  readonly title: string;
  readonly loaded: Loaded<T>;
  /** whether there is nothing to show yet, and the sentence for it */
  readonly empty?: { readonly when: (rows: T) => boolean; readonly text: ReactNode };
  /** for an answer of 404: there is no such thing yet */
  readonly missing?: string;
  readonly aside?: ReactNode;
  readonly children: (rows: T, fetched: { eventTime: string | null; fetchedAt: number }) => ReactNode;
  readonly className?: string;
}

/** A part of the page with data of its own: what is there stays while the API is away, and always has its age. */
export function Panel<T>({ title, loaded, empty, missing, aside, children, className = '' }: Props<T>) {
  const id = useId();
  const { data, error, isWaiting, retry } = loaded;
  const isMissing = error?.status === 404;
  return (
    <section className={`panel ${className}`} aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        {data !== undefined && <Age {...data} />}
        {aside !== undefined && <div className="aside">{aside}</div>}
      </header>
      {isMissing && <p className="quiet">{missing ?? sentence(error.message)}</p>}
      {error !== null && !isMissing && (
        <Fault status={error.status} text={error.message} hasOld={data !== undefined} retry={retry} />
      )}
      {data === undefined ? (
        isWaiting &&
        error === null && (
          <p className="quiet" role="status">
            Loading…
          </p>
        )
      ) : empty?.when(data.rows) ? (
        <p className="quiet">{empty.text}</p>
      ) : (
        children(data.rows, data)
      )}
    </section>
  );
}

/** What to do about each kind of refusal. */
function Fault(props: { status: number; text: string; hasOld: boolean; retry: () => void }) {
  const { status, text, hasOld, retry } = props;
  const isKey = status === 401 || status === 403;
  return (
    <p className="fault" role="status">
      {isKey ? 'This needs an API key: enter it under “Key”, at the top. ' : `${sentence(text)} `}
      {hasOld && 'What is shown is the last that was received. '}
      {!isKey && 'Trying again by itself. '}
      <Button onPress={retry}>Try now</Button>
    </p>
  );
}

const sentence = (text: string): string =>
  `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
