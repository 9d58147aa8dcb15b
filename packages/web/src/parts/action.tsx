import { type ReactNode, useState } from 'react';

interface Props {
  readonly onDone: () => void;
  readonly children: (run: (act: () => Promise<unknown>) => void) => ReactNode;
}

/** What changes something: its refusal is shown beside it. */
export function Action({ onDone, children }: Props) {
  const [state, setState] = useState<{ isBusy: boolean; fault: string }>({ isBusy: false, fault: '' });
  const run = (act: () => Promise<unknown>): void => {
    if (state.isBusy) return;
    setState({ isBusy: true, fault: '' });
    act().then(
      () => {
        setState({ isBusy: false, fault: '' });
        onDone();
      },
      ({ message, status }: Error & { status?: number }) => {
        const hint = status === 401 ? 'A key is needed: enter it under “Key”, at the top.' : message;
        setState({ isBusy: false, fault: hint });
      },
    );
  };
  return (
    <div className="tools" aria-busy={state.isBusy}>
      {children(run)}
      {state.isBusy && <span className="quiet">Working…</span>}
      {state.fault !== '' && (
        <p className="fault" role="alert">
          {state.fault}
        </p>
      )}
    </div>
  );
}
