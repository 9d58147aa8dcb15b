import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { type Browser, chromium } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const found = (): string | undefined => PLACES.find((path) => existsSync(path));
const INSTALL_MS = 180_000;

/** Debian's Chromium, installed where it is missing and may be. Null, with the reason printed, where there is none. */
export async function launchBrowser(): Promise<Browser | null> {
  if (found() === undefined && process.getuid?.() === 0) {
    const run = promisify(execFile);
    const options = { timeout: INSTALL_MS, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
    await run('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'], options)
      .catch(() =>
        run('apt-get', ['update'], options).then(() => run('apt-get', ['install', '-y', 'chromium'], options)),
      )
      .catch((error: Error) => console.error(`chromium cannot be installed: ${error.message.split('\n')[0]}`));
  }
  const executablePath = found();
  if (executablePath === undefined) {
    console.error('NOT TESTED: the web page, because there is no Chromium. Install it: apt-get install chromium');
    return null;
  }
  return chromium.launch({ executablePath, args: ['--no-sandbox'] });
}
