import { readEnvironment } from '@crunch-node/config';
import { namespaceOf } from '@crunch-node/streams';
import { accountsConfig, accountsScript, certifiedServer } from '../accounts/render.ts';
import { createScreen } from '../screen.ts';

export interface AccountsOptions {
  readonly format: 'nsc' | 'conf' | 'tls';
}

/** Prints users of the log with the permissions each service needs, and no others. */
export function runAccounts({ format }: AccountsOptions): void {
  const { values } = readEnvironment(process.env);
  const namespace = namespaceOf(values.CRUNCH_NAMESPACE);
  const texts = {
    nsc: () => accountsScript(values.CRUNCH_ID ?? 'crunch', namespace),
    tls: () => certifiedServer(namespace),
    // Passwords come from the environment of the server.
    conf: () =>
      accountsConfig(namespace, () => '').replaceAll(
        /user: "(\w+)", password: ""/g,
        (_, user: string) => `user: "${user}", password: $NATS_${user.toUpperCase()}_PASSWORD`,
      ),
  };
  createScreen().result(texts[format]().trimEnd());
}
