#!/usr/bin/env node
// A participant's model in TypeScript or JavaScript, served in a process of its own as a Python runner serves its models.
import { register } from 'tsx/esm/api';

register();
await import('../src/model-host.ts');
