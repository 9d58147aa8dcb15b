#!/usr/bin/env node
// A participant's model in TypeScript or JavaScript, served in a process of its own as a Python runner serves its models.
import { run } from '@crunch-node/launcher';

await run('services/orchestrator/src/model-host.ts');
