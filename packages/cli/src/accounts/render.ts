/** Users of the log with the permissions of each service: as a script for nsc, and as configuration of nats-server. */
import { type NatsUser, natsPermissions, natsUsers } from '@crunch-node/pipeline';
import type { Namespace } from '@crunch-node/streams';

/** The part of a server's configuration, with a password for each user. */
export const accountsConfig = (namespace: Namespace, passwordOf: (user: NatsUser) => string): string =>
  `accounts {\n  CRUNCH {\n    jetstream: enabled\n    users: [\n${usersConfig(namespace, (user) => `, password: ${JSON.stringify(passwordOf(user))}`)}\n    ]\n  }\n}\n`;

function usersConfig(namespace: Namespace, credentialOf: (user: NatsUser) => string): string {
  const users = natsUsers.map((user) => {
    const { publish, subscribe, replies } = natsPermissions(user, namespace);
    const permissions = [
      `publish: { allow: ${JSON.stringify(publish)} }`,
      `subscribe: { allow: ${JSON.stringify(subscribe)} }`,
      ...(replies ? ['allow_responses: true'] : []),
    ];
    return `      { user: ${JSON.stringify(user)}${credentialOf(user)}, permissions: { ${permissions.join(', ')} } }`;
  });
  return users.join('\n');
}

/**
 * Accounts of a server that knows its users by their certificates, and its TLS. Subscribers have an account of their own.
 * @param folder of the server's certificate, as `deploy/certificates.sh` makes it
 */
export function certifiedAccounts(namespace: Namespace, folder: string): string {
  const [live, lookups] = addressesOfSignals(namespace);
  const file = (name: string): string => JSON.stringify(`${folder}/${name}`);
  return `tls {
  cert_file: ${file('tls.crt')}
  key_file: ${file('tls.key')}
  ca_file: ${file('ca.crt')}
  # A connection without a certificate of this authority is refused; the DNS name in it is the user.
  verify_and_map: true
}

accounts {
  CRUNCH {
    jetstream: enabled
    users: [
${usersConfig(namespace, () => '')}
    ]
    exports: [
      { stream: ${JSON.stringify(live)}, accounts: [SIGNALS] }
      { service: ${JSON.stringify(lookups)}, accounts: [SIGNALS] }
    ]
  }

  SIGNALS {
    users: [
      { user: "signals", permissions: { publish: { allow: ${JSON.stringify([lookups])} }, subscribe: { allow: ${JSON.stringify([live, '_INBOX_signals.>'])} } } }
    ]
    imports: [
      { stream: { account: CRUNCH, subject: ${JSON.stringify(live)} } }
      { service: { account: CRUNCH, subject: ${JSON.stringify(lookups)} } }
    ]
  }

  SYS {}
}
system_account: SYS
`;
}

/** The whole configuration of a server in a container: `deploy/nats.secure.conf` is this one of the default namespace. */
export const certifiedServer = (namespace: Namespace): string =>
  `# JetStream for one deployment with TLS: every client shows a certificate, and may do what its service does and no more.
# Written by crunch-node accounts --format tls, which takes CRUNCH_NAMESPACE into account; the certificates come from
# certificates.sh.
server_name: crunch
port: 4222
# health, inside the container only
http: "127.0.0.1:8222"

# One ranking of 1,300 models is about 1 MiB.
max_payload: 8MB

jetstream {
  store_dir: "/data/jetstream"
  max_file_store: 50GB
}

${certifiedAccounts(namespace, '/run/tls')}`;

/** What subscribers of another account may have: signals as they come, and look-ups of them. */
const addressesOfSignals = (namespace: Namespace): readonly [live: string, lookups: string] => [
  namespace.natsSubject('signals.>'),
  `$JS.API.DIRECT.GET.${namespace.streamName('SIGNALS')}`,
];

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
  const [signals, lookups] = addressesOfSignals(namespace);
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
