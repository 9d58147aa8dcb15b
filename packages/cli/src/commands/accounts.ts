import { readEnvironment } from '@crunch-node/config';
import { namespaceOf } from '@crunch-node/streams';
import { accountsConfig, accountsScript } from '../accounts/render.ts';
import { createScreen } from '../screen.ts';

export interface AccountsOptions {
  readonly format: 'nsc' | 'conf';
}

/** Prints users of the log with the permissions each service needs, and no others. */
export function runAccounts({ format }: AccountsOptions): void {
  const { values } = readEnvironment(process.env);
  const namespace = namespaceOf(values.CRUNCH_NAMESPACE);
  // Passwords come from the environment of the server.
  const text =
    format === 'nsc'
      ? accountsScript(values.CRUNCH_ID ?? 'crunch', namespace)
      : accountsConfig(namespace, () => '').replaceAll(
          /user: "(\w+)", password: ""/g,
          (_, user: string) => `user: "${user}", password: $NATS_${user.toUpperCase()}_PASSWORD`,
        );
  createScreen().result(text.trimEnd());
}
