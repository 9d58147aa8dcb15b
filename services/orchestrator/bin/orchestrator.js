#!/usr/bin/env node
// The sources are TypeScript and run as they are: tsx is registered before the first of them is imported.
import { register } from 'tsx/esm/api';

register();
await import('../src/main.ts');
