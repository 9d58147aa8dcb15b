#!/usr/bin/env node
// A participant's model in TypeScript or JavaScript, served in a process of its own as a Python runner serves its models.
// In a folder without a package.json that says "module" the participant's file counts as CommonJS, so both are registered.
import { register as registerCommonJs } from 'tsx/cjs/api';
import { register } from 'tsx/esm/api';

registerCommonJs();
register();
await import('../src/model-host.ts');
