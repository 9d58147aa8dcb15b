import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { defineCrunch, demoPack, readEnvironment } from '@crunch-node/config';
import { startReport } from '@crunch-node/report';
import { createLogger } from '@crunch-node/service';
import { namespaceOf } from '@crunch-node/streams';
import { BadCertificate, reportSecurity } from './report-security.ts';

const script = join(import.meta.dirname, '..', '..', '..', '..', 'deploy', 'certificates.sh');

describe('the certificate of the API', () => {
  let folder: string;
  const file = (name: string): string => join(folder, 'report', name);
  const from = (API_TLS_CERT?: string, API_TLS_KEY?: string) =>
    reportSecurity(
      readEnvironment({ ...(API_TLS_CERT && { API_TLS_CERT }), ...(API_TLS_KEY && { API_TLS_KEY }) }),
      () => undefined,
    );

  before(() => {
    folder = mkdtempSync('/tmp/crunch-api-tls-');
    execFileSync('sh', [script, folder, 'report', 'other']);
  });
  after(() => rmSync(folder, { recursive: true }));

  it('is shown by the API to those who check it', async () => {
    const report = await startReport({
      ...from(file('tls.crt'), file('tls.key')),
      databaseUrl: 'postgres://127.0.0.1:1/none',
      namespace: namespaceOf(),
      config: defineCrunch(demoPack),
      port: 0,
      version: '0.1.0',
      logger: createLogger('silent'),
    });
    try {
      assert.match(report.url, /^https:\/\/127\.0\.0\.1:\d+$/);
      const status = (options: object) =>
        new Promise<number | undefined>((resolve, reject) => {
          get(`${report.url}/info`, { agent: false, ...options }, (response) => {
            response.resume();
            resolve(response.statusCode);
          }).on('error', reject);
        });
      assert.equal(await status({ ca: readFileSync(file('ca.crt')) }), 200);
      await assert.rejects(status({}), /certificate/);
    } finally {
      await report.stop();
    }
  });

  it('is refused unless it is there, complete and goes with its key', () => {
    const text = join(folder, 'text');
    writeFileSync(text, 'no certificate');
    const faults: readonly [string | undefined, string | undefined, RegExp][] = [
      [file('tls.crt'), undefined, /API_TLS_CERT and API_TLS_KEY together, received no API_TLS_KEY/],
      [undefined, file('tls.key'), /received no API_TLS_CERT/],
      [file('none'), file('tls.key'), /a file of API_TLS_CERT at .*none/],
      [file('tls.crt'), join(folder, 'other', 'tls.key'), /a certificate and its key.*mismatch/i],
      [text, file('tls.key'), /both PEM/],
    ];
    for (const [cert, key, message] of faults) {
      assert.throws(
        () => from(cert, key),
        (error) => error instanceof BadCertificate && message.test(error.message),
      );
    }
    assert.equal(from().tls, undefined);
  });
});
