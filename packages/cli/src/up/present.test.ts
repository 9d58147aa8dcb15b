import assert from 'node:assert/strict';
import { it } from 'node:test';
import { urlsText } from './present.ts';

it('names the page only where one is built of these sources', () => {
  const [url, monitor] = ['http://127.0.0.1:8000', 'http://127.0.0.1:9464'];
  assert.match(urlsText(url, monitor, true), /^page +http:\/\/127\.0\.0\.1:8000\/\n/);
  const without = urlsText(url, monitor, false);
  assert.match(without, /^page +none: .*npm run build/);
  assert.match(without, /\nleaderboard +http:.*\nhealth +http:/s);
});
