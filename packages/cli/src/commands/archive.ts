import { type ArchiveManifest, exportStreams, seedStreams, verifyArchive } from '@crunch-node/archive';
import { allStreams, type StreamDefinition } from '@crunch-node/streams';
import { CrunchError } from '@crunch-node/streams/errors';
import { withDeployment } from '../deployment.ts';
import { createScreen, type Screen } from '../screen.ts';
import { count, table } from '../show/text.ts';

export class UnknownStreams extends CrunchError {
  override readonly name = 'UnknownStreams';
  override readonly code = 'unknown_streams';
  constructor(names: readonly string[]) {
    super(`expected streams among ${allStreams.map(({ name }) => name).join(', ')}, received ${names.join(', ')}`);
  }
}

interface At {
  readonly json?: boolean;
  readonly dataDir: string;
}

/** Adds new events of the streams to an archive. */
export const runArchiveExport = (names: readonly string[], { to, dataDir, json }: At & { readonly to: string }) =>
  withDeployment(dataDir, async ({ screen, log }) => {
    const streams = streamsNamed(names);
    const manifest = await withProgress(screen, async (onProgress) =>
      exportStreams(await log(), { folder: to, streams, onProgress }),
    );
    show(screen, manifest, json);
  });

/** Reads a whole archive and compares it with its chain. */
export async function runArchiveVerify(
  folder: string,
  { head, json }: { readonly head?: string; readonly json?: boolean },
) {
  const screen = createScreen();
  const manifest = await withProgress(screen, (onProgress) =>
    verifyArchive({ folder, onProgress, ...(head !== undefined && { head }) }),
  );
  show(screen, manifest, json);
}

/** Fills an empty environment with an archive. */
export const runArchiveSeed = ({ from, dataDir, json }: At & { readonly from: string }) =>
  withDeployment(
    dataDir,
    async ({ screen, log }) => {
      const manifest = await withProgress(screen, async (onProgress) =>
        seedStreams(await log(), { folder: from, onProgress }),
      );
      show(screen, manifest, json);
    },
    { mayBeFirst: true },
  );

function streamsNamed(names: readonly string[]): readonly StreamDefinition[] {
  const wanted = names.map((name) => name.toUpperCase());
  const unknown = wanted.filter((name) => !allStreams.some((stream) => stream.name === name));
  if (unknown.length > 0) throw new UnknownStreams(unknown);
  return wanted.length === 0 ? allStreams : allStreams.filter(({ name }) => wanted.includes(name));
}

type OnProgress = (stream: string, done: number, total: number) => void;

async function withProgress<T>(screen: Screen, work: (onProgress: OnProgress) => Promise<T>): Promise<T> {
  const progress = screen.progress('{stream} {count}');
  try {
    return await work((stream, done, total) =>
      progress.update(done, total, { stream, count: `${count(done)} of ${count(total)}` }),
    );
  } finally {
    progress.end();
  }
}

function show(screen: Screen, { streams, head }: ArchiveManifest, json = false): void {
  const facts = Object.entries(streams).map(([stream, segments]) => ({
    stream,
    segments: segments.length,
    first_sequence: segments[0]?.first_sequence ?? 0,
    last_sequence: segments.at(-1)?.last_sequence ?? 0,
    bytes: segments.reduce((sum, { bytes }) => sum + bytes, 0),
  }));
  if (json) {
    screen.result(JSON.stringify({ head, streams: facts }));
    return;
  }
  screen.result(
    table(
      [
        { title: 'stream' },
        { title: 'segments', align: 'right' },
        { title: 'from', align: 'right' },
        { title: 'to', align: 'right' },
        { title: 'MB', align: 'right' },
      ],
      facts.map((f) => [
        f.stream,
        count(f.segments),
        count(f.first_sequence),
        count(f.last_sequence),
        (f.bytes / 1e6).toFixed(1),
      ]),
    ),
  );
  screen.result(`\n  head ${head}`);
}
