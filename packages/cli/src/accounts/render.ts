/** Users of the log with the permissions of each service: as a script for nsc, and as configuration of nats-server. */
import { type NatsUser, natsPermissions, natsUsers } from '@crunch-node/pipeline';
import type { Namespace } from '@crunch-node/streams';

/** The part of a server's configuration, with a password for each user. */
export function accountsConfig(namespace: Namespace, passwordOf: (user: NatsUser) => string): string {
  const users = natsUsers.map((user) => {
    const { publish, subscribe, replies } = natsPermissions(user, namespace);
    const permissions = [
      `publish: { allow: ${JSON.stringify(publish)} }`,
      `subscribe: { allow: ${JSON.stringify(subscribe)} }`,
      ...(replies ? ['allow_responses: true'] : []),
    ];
    return `      { user: ${JSON.stringify(user)}, password: ${JSON.stringify(passwordOf(user))}, permissions: { ${permissions.join(', ')} } }`;
  });
  return `accounts {\n  CRUNCH {\n    jetstream: enabled\n    users: [\n${users.join('\n')}\n    ]\n  }\n}\n`;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/**
 * A script for nsc: operator, account and a user for each service, their credentials and the configuration that servers
 * start with. Signals go to subscribers in an account of their own.
 */
export function accountsScript(name: string, namespace: Namespace): string {
  const users = natsUsers.map((user) => {
    const { publish, subscribe, replies } = natsPermissions(user, namespace);
    const allow = (flag: string, subjects: readonly string[]) =>
      subjects.map((subject) => `${flag} ${quoted(subject)}`).join(' ');
    return [
      `nsc add user --account CRUNCH --name ${user} ${allow('--allow-pub', publish)} ${allow('--allow-sub', subscribe)}${replies ? ' --allow-pub-response=1' : ''}`,
      `nsc generate creds --account CRUNCH --name ${user} > "$folder/${user}.creds"`,
    ].join('\n');
  });
  const signals = namespace.natsSubject('signals.>');
  const lookups = `$JS.API.DIRECT.GET.${namespace.streamName('SIGNALS')}`;
  return `#!/usr/bin/env bash
# Makes operator, accounts and users with nsc (https://github.com/nats-io/nsc). Not run where it was written.
set -euo pipefail
folder=\${1:-credentials}
umask 077
mkdir -p "$folder"
nsc add operator --name ${quoted(name)} --sys
nsc add account --name CRUNCH
nsc edit account --name CRUNCH --js-mem-storage -1 --js-disk-storage -1 --js-streams -1 --js-consumer -1
nsc add account --name SIGNALS
nsc add export --account CRUNCH --name signals --subject ${quoted(signals)}
nsc add export --account CRUNCH --name lookups --service --subject ${quoted(lookups)}
nsc add import --account SIGNALS --src-account CRUNCH --remote-subject ${quoted(signals)}
nsc add import --account SIGNALS --service --src-account CRUNCH --remote-subject ${quoted(lookups)}
nsc add user --account SIGNALS --name signals --allow-pub ${quoted(lookups)} --allow-sub ${quoted(signals)} --allow-sub '_INBOX_signals.>'
nsc generate creds --account SIGNALS --name signals > "$folder/signals.creds"

${users.join('\n\n')}

# what servers start with: operator, system account, resolver with the accounts
nsc generate config --mem-resolver --config-file "$folder/resolver.conf"
echo "kubectl create secret generic crunch-nats-credentials --from-file $folder"
`;
}
