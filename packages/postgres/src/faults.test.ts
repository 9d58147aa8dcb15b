import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isPostgresAway, misconfigurationOf, parseAddress } from './index.ts';

const fault = (message: string, code?: string): Error =>
  Object.assign(new Error(message), code !== undefined && { code });

describe('an error of Postgres', () => {
  it('is temporary, and waited out', () => {
    for (const error of [
      fault('query_wait_timeout', '08P01'),
      fault('server login has been failing, try again later (server_login_retry)', '08P01'),
      fault('server login failed: FATAL the database system is starting up', '08P01'),
      fault('server login failed: FATAL sorry, too many clients already', '08P01'),
      fault('no more connections allowed (max_client_conn)', '08P01'),
      fault('client_login_timeout (server down)', '08P01'),
      fault('auth_query response timeout, server conn crashed?', '08P01'),
      fault('server conn crashed?', '08P01'),
      fault('the database system is shutting down', '57P03'),
      fault('sorry, too many clients already', '53300'),
      fault('cannot execute UPDATE in a read-only transaction', '25006'),
      fault('connect ECONNREFUSED 127.0.0.1:5432', 'ECONNREFUSED'),
      fault('getaddrinfo ENOTFOUND db', 'ENOTFOUND'),
      fault('Connection terminated unexpectedly'),
    ])
      assert.deepEqual([isPostgresAway(error), misconfigurationOf(error)], [true, undefined], error.message);
  });

  it('is permanent until the configuration is changed', () => {
    for (const [error, remedy] of [
      [fault('unsupported startup parameter: statement_timeout', '08P01'), /parameter statement_timeout: .*PGOPTIONS/],
      [fault('unsupported startup parameter in options: search_path', '08P01'), /parameter search_path/],
      [fault('transaction blocks not allowed in statement pooling mode', '08P01'), /pool_mode = transaction/],
      [fault('no such database: crunch', '08P01'), /no such database/],
      [fault('database "crunch" does not exist', '08P01'), /no such database/],
      [fault('SASL authentication failed', '08P01'), /user or password/],
      [fault('no such user: crunch', '08P01'), /user or password/],
      [fault('server login failed: FATAL password authentication failed for user "x"', '08P01'), /user or password/],
      [fault('SSL required', '08P01'), /sslmode=require/],
      [fault('unsupported pkt type: 80', '08P01'), /refuses our protocol \(unsupported pkt type/],
      [fault('password authentication failed for user "x"', '28P01'), /user or password/],
      [fault('no pg_hba.conf entry for host "10.0.0.1", user "x", no encryption', '28000'), /pg_hba\.conf/],
      [fault('database "x" does not exist', '3D000'), /no such database/],
      [fault('self-signed certificate in certificate chain', 'SELF_SIGNED_CERT_IN_CHAIN'), /sslrootcert=FILE/],
      [fault('Hostname/IP does not match', 'ERR_TLS_CERT_ALTNAME_INVALID'), /not trusted/],
      [fault('The server does not support SSL connections'), /sslmode=disable/],
      [fault('SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string'), /user or password/],
    ] as const) {
      assert.match(misconfigurationOf(error) ?? '', remedy, error.message);
      assert.equal(isPostgresAway(error), false, error.message);
    }
    assert.throws(
      () => parseAddress('mysql://h'),
      (error) => misconfigurationOf(error) !== undefined,
    );
  });

  it('is neither when it concerns the query itself', () => {
    for (const code of ['42P01', '42501', '22023', '23505'])
      assert.deepEqual([isPostgresAway(fault('', code)), misconfigurationOf(fault('', code))], [false, undefined]);
  });
});
