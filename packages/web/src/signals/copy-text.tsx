import { useState } from 'react';
import { Button } from '../parts/controls.tsx';
import type { Snippet } from './snippets.ts';

/** A text to copy. Where the browser gives no clipboard, it is selected. */
export function CopyText({ title, text, note }: Snippet) {
  const [state, setState] = useState('');
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setState('Copied');
    } catch {
      setState('Select it and copy: the browser gives this page no clipboard');
    }
  };
  return (
    <div className="snippet">
      <h3>{title}</h3>
      <pre>
        <code>{text}</code>
      </pre>
      <Button onPress={() => void copy()} aria-label={`Copy: ${title}`}>
        Copy
      </Button>{' '}
      <span role="status" className="quiet">
        {state}
      </span>
      {note !== undefined && <p className="quiet">{note}</p>}
    </div>
  );
}
