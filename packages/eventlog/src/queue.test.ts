import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Queue } from './queue.ts';

describe('a queue', () => {
  it('behaves like an array', () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('push' as const), item: fc.nat() }),
      fc.record({ do: fc.constant('shift' as const), times: fc.nat(3_000) }),
      fc.record({ do: fc.constant('unshift' as const), items: fc.array(fc.nat(), { maxLength: 5 }) }),
      fc.record({ do: fc.constant('grow' as const), by: fc.nat(4_000) }),
      fc.record({ do: fc.constant('take' as const) }),
    );
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const queue = new Queue<number>();
        let model: number[] = [];
        for (const s of steps) {
          if (s.do === 'push') {
            queue.push(s.item);
            model.push(s.item);
          } else if (s.do === 'shift') {
            for (let i = 0; i < s.times; i++) assert.equal(queue.shift(), model.shift());
          } else if (s.do === 'unshift') {
            queue.unshift(s.items);
            model.unshift(...s.items);
          } else if (s.do === 'grow') {
            for (let i = 0; i < s.by; i++) {
              queue.push(i);
              model.push(i);
            }
          } else {
            assert.deepEqual(queue.take(), model);
            model = [];
          }
          assert.equal(queue.size, model.length);
        }
        assert.deepEqual([...queue.items()], model);
      }),
      { numRuns: 50 },
    );
  });
});
