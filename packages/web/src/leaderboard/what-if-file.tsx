import { useState } from 'react';
import { Button } from '../parts/controls.tsx';
import { utc } from '../parts/format.ts';
import { type WhatIf, whatIfIn } from './what-if.ts';

interface Props {
  readonly open: WhatIf | null;
  readonly onOpen: (found: WhatIf | null) => void;
}

/** Puts the board of a what-if beside the published one. The file stays in the browser. */
export function WhatIfFile({ open, onOpen }: Props) {
  const [fault, setFault] = useState('');
  const read = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return;
    try {
      onOpen(whatIfIn(await file.text()));
      setFault('');
    } catch (error) {
      setFault((error as Error).message);
    }
  };
  return (
    <details className="what-if">
      <summary>What if…</summary>
      <p>
        How would the board look with other scoring, windows or ensembles? Run{' '}
        <code>crunch-node whatif --config other.ts --json &gt; whatif.json</code> and open the file: its ranks stand
        beside the published ones. It is read here and sent nowhere.
      </p>
      <label>
        File{' '}
        <input type="file" accept="application/json,.json" onChange={({ target }) => void read(target.files?.[0])} />
      </label>
      {open !== null && (
        <p>
          A what-if over {open.cycles} cycles up to {utc(open.at)} UTC is shown.{' '}
          <Button onPress={() => onOpen(null)}>Close it</Button>
        </p>
      )}
      {fault !== '' && (
        <p className="fault" role="alert">
          {fault}
        </p>
      )}
    </details>
  );
}
