/** The override that gives TLS to a compose file: a certificate for each service, and no user but the one in it. */

export interface SecureCompose {
  /** services of the engine by name of their container, with the user of the log they are */
  readonly services: readonly (readonly [container: string, user: string])[];
  /** how to start it */
  readonly usage: string;
  /** folder of nats.secure.conf, certificates.sh and pg_hba.conf, seen from the project directory */
  readonly folder: string;
  /** further lines for services that others do not have */
  readonly more?: string;
}

const SERVERS = ['nats', 'postgres'];

export function secureCompose({ services, usage, folder, more = '' }: SecureCompose): string {
  const users = [...new Set(services.map(([, user]) => user))];
  // Subscribers of signals get theirs from the volume tls-signals.
  const names = [...SERVERS, ...users, 'signals'];
  return `# TLS between all services: ${usage}
#
# Needs Docker Compose 2.24 or newer. Not run in containers where it was written; its certificates, accounts and rules of access
# are those of \`crunch-node cluster --secure\`, which is tested.
#
# certificates makes what is missing or ends within 30 days, at each start: a private authority, and a certificate for each
# service in a volume that only this service has. The log knows its users by their certificates, so NATS_*_PASSWORD are
# without effect. After a renewal: docker compose restart.

x-trust: &trust
  NATS_URL: tls://nats:4222
  NATS_CA: /run/tls/ca.crt
  NATS_CERT: /run/tls/tls.crt
  NATS_KEY: /run/tls/tls.key
  DATABASE_URL: postgres://crunch:\${POSTGRES_PASSWORD}@postgres:5432/crunch?sslmode=verify-full&sslrootcert=/run/tls/ca.crt

services:
  certificates:
    build:
      context: ${folder}
      dockerfile_inline: |
        FROM alpine:3.20
        RUN apk add --no-cache openssl
    entrypoint: [sh, /certificates.sh, /tls]
    command: [${names.join(', ')}]
    environment:
      # further names of the API, such as DNS:challenge.example
      TLS_HOSTS: \${TLS_HOSTS:-}
    network_mode: none
    volumes:
      - ${folder}/certificates.sh:/certificates.sh:ro
      - tls-authority:/tls/authority
${names.map((name) => `      - tls-${name}:/tls/${name}`).join('\n')}

  nats:
    depends_on: { certificates: { condition: service_completed_successfully } }
    volumes:
      - ${folder}/nats.secure.conf:/etc/nats/nats.conf:ro
      - tls-nats:/run/tls:ro

  postgres:
    depends_on: { certificates: { condition: service_completed_successfully } }
    command:
      - postgres
      - -c
      - ssl=on
      - -c
      - ssl_cert_file=/run/tls/tls.crt
      - -c
      - ssl_key_file=/run/tls/tls.key
      - -c
      - hba_file=/etc/postgresql/pg_hba.conf
    volumes:
      - ${folder}/pg_hba.conf:/etc/postgresql/pg_hba.conf:ro
      - tls-postgres:/run/tls:ro

${services.map(([container, user]) => serviceText(container, user)).join('\n\n')}
${more}
volumes:
  tls-authority:
${names.map((name) => `  tls-${name}:`).join('\n')}
`;
}

function serviceText(container: string, user: string): string {
  const environment = ['<<: *trust', `NATS_INBOX_PREFIX: _INBOX_${user}`];
  if (container === 'report') environment.push('API_TLS_CERT: /run/tls/tls.crt', 'API_TLS_KEY: /run/tls/tls.key');
  if (container === 'verify') environment.push('NODE_EXTRA_CA_CERTS: /run/tls/ca.crt');
  // Mutual TLS with models: a folder with ca.crt, tls.crt and tls.key made by those who run them, or key.pem of a gateway.
  const isPredict = container === 'predict';
  if (isPredict) {
    environment.push(...['SECURE_CERT_DIR', 'GATEWAY_CERT_DIR'].map((name) => `${name}: \${${name}:-}`));
  }
  return [
    ...(isPredict
      ? [
          '  # Calls to models have TLS once MODELS_TLS names a folder and SECURE_CERT_DIR or GATEWAY_CERT_DIR is /run/models-tls.',
        ]
      : []),
    `  ${container}:`,
    ...(container === 'verify' ? ['    command: [verify-deployment, --api, "https://report:8000"]'] : []),
    '    environment:',
    ...environment.map((line) => `      ${line}`),
    '    volumes:',
    `      - tls-${user}:/run/tls:ro`,
    ...(isPredict ? [`      - \${MODELS_TLS:-./models-tls}:/run/models-tls:ro`] : []),
  ].join('\n');
}
