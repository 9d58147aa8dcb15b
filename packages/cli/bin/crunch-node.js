#!/usr/bin/env node
// The sources are TypeScript and run as they are: tsx is registered before the first of them is imported.
import { register as registerHooks } from 'node:module';
import { register } from 'tsx/esm/api';

register();
registerHooks('./operators-modules.js', import.meta.url);
await import('../src/main.ts');
