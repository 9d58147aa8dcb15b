#!/usr/bin/env node
import { run } from '@crunch-node/launcher';

await run('services/orchestrator/src/main.ts');
