import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';

it('the types of the client are those of docs/openapi.json', () => {
  const description = readFileSync(new URL('../../../../docs/openapi.json', import.meta.url));
  const [head] = readFileSync(new URL('openapi.gen.ts', import.meta.url), 'utf8').split('\n');
  const hash = createHash('sha256').update(description).digest('hex');
  assert.ok(
    head?.includes(hash),
    'packages/web/src/api/openapi.gen.ts does not match docs/openapi.json: run scripts/openapi',
  );
});
