import { run } from '@crunch-node/launcher';

await run('packages/backtest/src/models/thread-main.ts');
