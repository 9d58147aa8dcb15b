/** The nats-server of a Debian suite, extracted from its package. */
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { type PackageSource, suiteSource, systemSource, unpackPackages } from './debian-packages.ts';

/** From another suite (`trixie`, `sid`). @returns its path */
export const downloadFromSuite = async (folder: string, suite: string): Promise<string> =>
  unpack(folder, await suiteSource(folder, suite));

/** From the suite the system runs. @returns its path */
export const downloadFromSystem = async (folder: string): Promise<string> => unpack(folder, await systemSource());

async function unpack(folder: string, source: PackageSource): Promise<string> {
  const unpacked = await unpackPackages(source, folder, ['nats-server']);
  await rename(join(unpacked, 'usr', 'sbin', 'nats-server'), join(folder, 'nats-server'));
  return join(folder, 'nats-server');
}
