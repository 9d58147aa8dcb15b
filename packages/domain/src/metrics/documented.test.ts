import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { metricDocuments } from './documented.ts';
import { metricsPage } from './page.ts';
import { builtInMetrics } from './registry.ts';

describe('the documentation of metrics', () => {
  it('has a title, range, formula and sentence for every built-in one', () => {
    assert.deepEqual(Object.keys(metricDocuments).sort(), [...builtInMetrics.keys()].sort());
    for (const [name, { title, range, formula, doc }] of Object.entries(metricDocuments))
      assert.ok(title !== '' && range !== '' && formula !== '' && doc.endsWith('.'), name);
  });

  it('equals docs/metrics.md', async () => {
    const file = join(import.meta.dirname, '../../../../docs/metrics.md');
    assert.equal(await readFile(file, 'utf8'), metricsPage(), 'run scripts/metrics');
  });
});
