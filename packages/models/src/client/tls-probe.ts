import { isIP } from 'node:net';
import { connect } from 'node:tls';
import type { Address } from './channel.ts';

/** Whether the peer uses TLS: then a plaintext connection can never work, and the configuration is wrong. */
export function usesTls({ ip, port }: Address, withinMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({
      host: ip,
      port,
      ALPNProtocols: ['h2'],
      rejectUnauthorized: false, // nothing is sent; only the handshake is of interest
      ...(isIP(ip) === 0 ? { servername: ip } : {}),
    });
    const settle = (isTls: boolean): void => {
      socket.destroy();
      resolve(isTls);
    };
    socket.setTimeout(withinMs, () => settle(false));
    socket.once('secureConnect', () => settle(true));
    // an alert is a TLS message too: the peer wants a client certificate, another version, another name
    socket.once('error', (error: NodeJS.ErrnoException) => settle(/ALERT/.test(error.code ?? '')));
    socket.once('close', () => settle(false));
  });
}
