/** Writes docs/metrics.md from what is written about each metric. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { metricsPage } from '@crunch-node/domain';

writeFileSync(join(import.meta.dirname, '../docs/metrics.md'), metricsPage());
