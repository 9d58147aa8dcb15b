/** What an operator does about a failure: its layer, and the next step. The first entry whose pattern matches counts. */
export type Layer =
  | 'configuration'
  | 'log'
  | 'feed'
  | 'models'
  | 'predict'
  | 'score'
  | 'stages'
  | 'read model'
  | 'API'
  | 'signals';

export interface Advice {
  readonly layer: Layer;
  readonly remedy: string;
}

const ENTRIES: readonly (readonly [pattern: RegExp, layer: Layer, remedy: string])[] = [
  [/stub of a new project/, 'configuration', 'write scoring_function in the configuration, then activate it'],
  [/TIMEOUT|DEADLINE|too late|timed out/i, 'models', 'the model is slow: its participant, or model_timeout_seconds'],
  [
    /BAD_IMPLEMENTATION|has no method/,
    'models',
    'the model lacks the method that is called: compare call_method and feed_update_method with its class',
  ],
  [
    /MODEL_FAILED|may raise/,
    'models',
    'the model raised: its log (crunch-node models logs ID), and crunch-node check-models',
  ],
  [
    /CONNECTION|UNAVAILABLE|ECONNREFUSED|cannot be reached/i,
    'models',
    'the model or its orchestrator is away: MODEL_RUNNER_NODE_HOST, its containers, the network between',
  ],
  [
    /entry price|ground truth|staleness|no price/i,
    'feed',
    'there was no usable price at the time: compare the feed with its source (crunch-node sql, /reports/feeds)',
  ],
  [
    /expected|must be|finite number|NaN/,
    'models',
    'the answer does not fit output_type: tell the participant the reason, crunch-node check-models shows it before a start',
  ],
];

/** @param what of a round failed */
export function adviceFor(what: 'answer' | 'score', reason: string): Advice {
  const found = ENTRIES.find(([pattern]) => pattern.test(reason));
  if (found !== undefined) return { layer: found[1], remedy: found[2] };
  return what === 'answer'
    ? { layer: 'models', remedy: 'the log of the model: crunch-node models logs ID, or that of its orchestrator' }
    : { layer: 'score', remedy: 'try the case on scoring_function: /reports/predictions has answer and ground truth' };
}
