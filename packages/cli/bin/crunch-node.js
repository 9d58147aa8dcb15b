#!/usr/bin/env node
import { run } from '@crunch-node/launcher';

await run('packages/cli/src/main.ts');
