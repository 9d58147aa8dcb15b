import { findNatsServer } from '@crunch-node/embedded';

export interface ServerUnderTest {
  readonly title: string;
  readonly binary: string | undefined;
  /** why its tests are skipped */
  readonly skip: string | undefined;
}

/**
 * The servers on which behaviour that differs between versions is tested: the machine's own, and those of the Debian
 * suites in `CRUNCH_TEST_NATS_SUITES` (default `trixie,sid`) where they can be fetched.
 */
export async function serversUnderTest(env: NodeJS.ProcessEnv = process.env): Promise<ServerUnderTest[]> {
  const suites = (env.CRUNCH_TEST_NATS_SUITES ?? 'trixie,sid').split(',').filter(Boolean);
  return Promise.all([undefined, ...suites].map(serverOf));
}

async function serverOf(suite: string | undefined): Promise<ServerUnderTest> {
  try {
    const { path, version } = await findNatsServer(suite === undefined ? {} : { suite });
    return { title: `nats-server ${version}`, binary: path, skip: undefined };
  } catch (error) {
    return { title: `nats-server of Debian ${suite}`, binary: undefined, skip: (error as Error).message };
  }
}
