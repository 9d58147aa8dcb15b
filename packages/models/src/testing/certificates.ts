/** Certificates of an authority of a test's own, and wallets that vouch for them. */
import { execFileSync } from 'node:child_process';
import { createPublicKey, generateKeyPairSync, sign, X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Delegation, toBase58 } from '../client/wallet.ts';

export interface Issued {
  /** PEM */
  readonly certificate: Buffer;
  readonly key: Buffer;
}

export interface Authority {
  readonly certificate: Buffer;
  issue(names: readonly string[]): Issued;
  /** a folder as SECURE_CERT_DIR names it */
  callersFolder(): string;
}

/** Null where there is no openssl. */
export function createAuthority(folder: string): Authority | null {
  const openssl = (...args: readonly string[]) => execFileSync('openssl', [...args], { cwd: folder, stdio: 'ignore' });
  try {
    openssl(
      ...'req -x509 -newkey rsa:2048 -nodes -days 2 -keyout ca.key -out ca.crt -subj /CN=test-authority'.split(' '),
    );
  } catch {
    return null;
  }
  let count = 0;
  const issue = (names: readonly string[]): Issued => {
    const name = `issued-${count++}`;
    openssl(...`req -newkey rsa:2048 -nodes -keyout ${name}.key -out ${name}.csr -subj /CN=${name}`.split(' '));
    writeFileSync(join(folder, `${name}.ext`), `subjectAltName=${names.map((one) => `DNS:${one}`).join(',')}\n`);
    openssl(
      ...`x509 -req -in ${name}.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -out ${name}.crt -extfile ${name}.ext`.split(
        ' ',
      ),
    );
    return { certificate: readFileSync(join(folder, `${name}.crt`)), key: readFileSync(join(folder, `${name}.key`)) };
  };
  const certificate = readFileSync(join(folder, 'ca.crt'));
  return {
    certificate,
    issue,
    callersFolder() {
      const path = join(folder, `callers-${count}`);
      const issued = issue(['coordinator.test']);
      mkdirSync(path);
      writeFileSync(join(path, 'ca.crt'), certificate);
      writeFileSync(join(path, 'tls.crt'), issued.certificate);
      writeFileSync(join(path, 'tls.key'), issued.key);
      return path;
    },
  };
}

export interface Wallet {
  /** base58 */
  readonly address: string;
  delegate(certificate: Buffer, payload: Readonly<Record<string, unknown>>): Delegation;
}

export function createWallet(): Wallet {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const address = toBase58(Buffer.from(publicKey.export({ format: 'jwk' }).x!, 'base64url'));
  return {
    address,
    delegate(certificate, payload) {
      const key = createPublicKey(new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'pem' }));
      const cert_pub = key.export({ type: 'spki', format: 'der' }).toString('base64');
      const message = Buffer.from(JSON.stringify({ cert_pub, ...payload }));
      return {
        message: message.toString('base64'),
        signature: sign(null, message, privateKey).toString('base64'),
        wallet: address,
      };
    },
  };
}
