import type { JsonObject } from '@crunch-node/streams';

/** What charts filter and group by, which scopes only hold inside. */
export function dimensionsOf({ subject, resolve_horizon_seconds, step_seconds }: JsonObject) {
  const name = typeof subject === 'string' ? subject : null;
  const horizon = typeof resolve_horizon_seconds === 'number' ? resolve_horizon_seconds : null;
  const step = typeof step_seconds === 'number' ? step_seconds : null;
  return { subject: name, asset: name, horizon, step, param: `${name ?? ''}-${horizon ?? ''}-${step ?? ''}` };
}
