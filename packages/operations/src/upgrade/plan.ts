/** What an upgrade of a running competition needs, from what the log has and what this code has. */
export interface StreamVersions {
  readonly stream: string;
  readonly type: string;
  /** newest version among the newest messages of the stream */
  readonly recorded: number;
  /** what this code writes; null: it does not know the type */
  readonly current: number | null;
}

export interface UpgradeFacts {
  readonly version: string;
  /** null: nothing was activated yet */
  readonly active: { readonly hash: string; readonly partitions: number } | null;
  readonly own: { readonly hash: string; readonly partitions: number };
  readonly streams: readonly StreamVersions[];
  /** read models an older release has built; null: Postgres could not be asked */
  readonly outdated: readonly string[] | null;
}

export interface Step {
  /** `blocked`: it cannot be done like this; `todo`: to be done with the upgrade; `ok`: nothing to do */
  readonly state: 'ok' | 'todo' | 'blocked';
  readonly about: 'configuration' | 'streams' | 'read models';
  readonly detail: string;
}

const short = (hash: string): string => hash.slice(0, 12);

export const upgradePlan = (facts: UpgradeFacts): readonly Step[] => [
  configurationStep(facts),
  ...streamSteps(facts),
  readModelStep(facts),
];

function configurationStep({ active, own }: UpgradeFacts): Step {
  const about = 'configuration';
  if (active === null) return { about, state: 'todo', detail: 'none is active yet: crunch-node activate' };
  if (active.partitions !== own.partitions) {
    const detail = `expected partitions ${active.partitions}, which every key of the log depends on, received ${own.partitions}`;
    return { about, state: 'blocked', detail };
  }
  if (active.hash === own.hash) return { about, state: 'ok', detail: `${short(own.hash)} is the active one` };
  return {
    about,
    state: 'todo',
    detail: `${short(active.hash)} is active, this release makes ${short(own.hash)} of the configuration: crunch-node activate, then restart every service; the first start reads the log from the beginning`,
  };
}

function streamSteps({ streams, version }: UpgradeFacts): readonly Step[] {
  const about = 'streams';
  const newer = streams.filter(({ recorded, current }) => current === null || recorded > current);
  const older = streams.filter(({ recorded, current }) => current !== null && recorded < current);
  const named = (some: readonly StreamVersions[]): string =>
    some
      .map(({ stream, type, recorded, current }) => `${stream} ${type} ${recorded} (here ${current ?? 'unknown'})`)
      .join(', ');
  return [
    ...(newer.length > 0
      ? [{ about, state: 'blocked', detail: `written by a newer release than ${version}: ${named(newer)}` } as const]
      : []),
    ...(older.length > 0
      ? [
          {
            about,
            state: 'todo',
            detail: `old events are read as the new version, nothing is rewritten: ${named(older)}. Upgrade readers before writers`,
          } as const,
        ]
      : []),
    ...(newer.length + older.length === 0
      ? [{ about, state: 'ok', detail: 'every version is that of this release' } as const]
      : []),
  ];
}

function readModelStep({ outdated }: UpgradeFacts): Step {
  const about = 'read models';
  if (outdated === null) return { about, state: 'todo', detail: 'Postgres could not be asked: crunch-node doctor' };
  if (outdated.length === 0) return { about, state: 'ok', detail: 'none is to be rebuilt' };
  return {
    about,
    state: 'todo',
    detail: `crunch-node replay rebuilds ${outdated.join(', ')} next to the served ones; up does so by itself`,
  };
}
