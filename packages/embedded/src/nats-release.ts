/** The official release, checked against the checksums published with its container images. */
import { createHash } from 'node:crypto';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './command.ts';

export const RELEASE = '2.10.29';

/** SHA-256 of `nats-server-v2.10.29-linux-<arch>.tar.gz`, as in nats-io/nats-docker, 2.10.x/alpine3.22/Dockerfile. */
const CHECKSUMS: Readonly<Record<string, { arch: string; sha256: string }>> = {
  x64: { arch: 'amd64', sha256: 'e314da74a83a1d3876db8814c27eb990fe729640fd6452025b441bcede8390da' },
  arm64: { arch: 'arm64', sha256: 'da4b27942ecfb4c5f0c54553d2e7f470ddda9d7581cfe8131b351a0e223ed401' },
};

const CONNECT_MS = 4_000;
const DOWNLOAD_MS = 120_000;

/** Puts the executable into the folder. @throws when there is none for this machine, no network, or a wrong checksum */
export async function downloadRelease(folder: string): Promise<string> {
  const known = process.platform === 'linux' ? CHECKSUMS[process.arch] : undefined;
  if (known === undefined) throw new Error(`no checksum is known for ${process.platform} ${process.arch}`);
  const name = `nats-server-v${RELEASE}-linux-${known.arch}`;
  const url = `https://github.com/nats-io/nats-server/releases/download/v${RELEASE}/${name}.tar.gz`;
  const archive = await download(url);
  const sha256 = createHash('sha256').update(archive).digest('hex');
  if (sha256 !== known.sha256) throw new Error(`expected SHA-256 ${known.sha256} of ${url}, received ${sha256}`);
  await writeFile(join(folder, 'release.tar.gz'), archive);
  await run('tar', ['-xzf', 'release.tar.gz'], { cwd: folder });
  await rename(join(folder, name, 'nats-server'), join(folder, 'nats-server'));
  return join(folder, 'nats-server');
}

async function download(url: string): Promise<Buffer> {
  const abort = new AbortController();
  let timer = setTimeout(() => abort.abort(new Error(`no answer within ${CONNECT_MS} ms`)), CONNECT_MS);
  try {
    const response = await fetch(url, { signal: abort.signal });
    if (!response.ok) throw new Error(`expected ${url}, received HTTP ${response.status}`);
    clearTimeout(timer);
    timer = setTimeout(() => abort.abort(new Error(`not complete within ${DOWNLOAD_MS} ms`)), DOWNLOAD_MS);
    return Buffer.from(await response.arrayBuffer());
  } catch (error) {
    const { message, cause } = error as Error;
    throw new Error(cause instanceof Error ? `${message} (${cause.message})` : message, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}
