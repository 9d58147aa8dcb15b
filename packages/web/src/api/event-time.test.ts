import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { eventTimeOf } from './event-time.ts';

const of = (projection: string, time: string): string | null =>
  eventTimeOf(new Headers({ 'X-Crunch-Projection': projection, 'X-Crunch-Event-Time': time }));

describe('the time of an answer', () => {
  it('is that of what it is mainly about', () =>
    assert.equal(of('scores@2, feeds@1', '2024-01-02, 2024-01-01'), '2024-01-02'));
  it('is of the competition, where models that joined by the clock are in it too', () => {
    assert.equal(of('models@1, predictions@3', '2026-11-30, 2024-01-01'), '2024-01-01');
    assert.equal(of('models@1, predictions, signals@1', '2026-11-30, -, 2024-01-01'), '2024-01-01');
  });
  it('is of the clock where there is nothing else', () => {
    assert.equal(of('models@1, predictions', '2026-11-30, -'), '2026-11-30');
    assert.equal(of('models, predictions', '-, -'), null);
    assert.equal(eventTimeOf(new Headers()), null);
  });
});
