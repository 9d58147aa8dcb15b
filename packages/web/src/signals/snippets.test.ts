import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { escapeToken, snippets } from './snippets.ts';

describe('how to subscribe', () => {
  it('escapes names as subjects have them', () => {
    assert.equal(escapeToken('main'), 'main');
    assert.equal(escapeToken('eth/5 m'), 'eth%2F5%20m');
    assert.equal(escapeToken('é.*>'), '%C3%A9%2E%2A%3E');
    assert.equal(escapeToken(''), '%');
  });
  it('can be pasted into a shell whatever the name', () => {
    const [latest] = snippets("it's; rm", 'http://h', true);
    assert.equal(latest?.text, "curl -H 'X-API-Key: …' 'http://h/signals/ensemble/it'\\''s%3B%20rm'");
  });
});
