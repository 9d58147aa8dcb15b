import { useState } from 'react';
import { setKey, useCurrentKey } from './api/key.ts';
import { Button } from './parts/controls.tsx';

/** The key for what is protected. It stays in this tab and is sent as a header. */
export function KeyEntry() {
  const key = useCurrentKey();
  const [isOpen, open] = useState(false);
  const [text, setText] = useState('');
  if (key !== '') {
    return (
      <Button className="link" onPress={() => setKey('')}>
        Forget key
      </Button>
    );
  }
  if (!isOpen) {
    return (
      <Button className="link" onPress={() => open(true)}>
        Key…
      </Button>
    );
  }
  const save = (): void => {
    setKey(text.trim());
    setText('');
    open(false);
  };
  return (
    <form
      className="key"
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <label>
        API key
        <input
          type="password"
          autoComplete="off"
          ref={(input) => input?.focus()}
          value={text}
          onChange={({ target }) => setText(target.value)}
        />
      </label>
      <Button type="submit">Use</Button>
      <Button className="link" onPress={() => open(false)}>
        Cancel
      </Button>
    </form>
  );
}
