/**
 * What went wrong, for programs and alerts: `err.code` in log lines. Released codes keep their meaning. Grouped by the
 * package or service that has them.
 */
export const errorCodes = [
  // streams
  'invalid_event',
  // domain
  'argument_unresolvable',
  'density_fault',
  'invalid_contribution_weights',
  'invalid_expression',
  'invalid_metric_name',
  'invalid_order',
  'not_canonical',
  // config
  'configuration_invalid',
  'scoring_is_stub',
  // feeds
  'binance_refused',
  'broken_json',
  'feed_unusable',
  'history_refused',
  'invalid_feed_option',
  'no_answer',
  'no_replay_data',
  'provider_already_registered',
  'pyth_refused',
  'rest_refused',
  'unfit_feed_kind',
  'unknown_feed_option',
  'unknown_granularity',
  'unknown_normaliser',
  'unknown_price_feed',
  'unknown_provider',
  // models
  'bad_implementation',
  'channel_not_ready',
  'undecodable_variant',
  'unusable_certificates',
  'unusable_key',
  // eventlog
  'aborted',
  'append_refused',
  'cannot_reach',
  'copy_differs',
  'fenced',
  'jetstream_off',
  'jetstream_refused',
  'lease_lost',
  'limit_unsafe',
  'log_closed',
  'log_front_gone',
  'log_has_gap',
  'log_unavailable',
  'log_went_backwards',
  'no_answer_in_time',
  'no_crash_point',
  'no_responder',
  'not_permitted',
  'payload_too_small',
  'replicas_unsafe',
  'request_too_large',
  'server_too_old',
  'state_not_saved',
  'stream_conflict',
  'stream_full',
  'stream_in_use',
  'stream_missing',
  'stream_silent',
  'unreadable_message',
  'wrong_credentials',
  // service
  'command_refused',
  // stages
  'cycle_mismatch',
  'not_savable',
  'state_damaged',
  'state_too_large',
  // postgres
  'bad_postgres_address',
  'no_server_usable',
  'not_an_address',
  'postgres_read_only',
  // projector
  'apply_failed',
  'log_rewritten',
  'log_shorter_than_position',
  'log_trimmed_beyond_position',
  'nothing_kept',
  'position_moved',
  'projection_stopped',
  'projection_version_changed',
  'replay_claim_lost',
  'replay_out_of_room',
  'replay_running',
  'stream_recreated',
  'switch_blocked',
  'unknown_projection',
  'write_refused',
  // archive
  'archive_damaged',
  'archive_in_use',
  'archive_of_another_log',
  'limit_too_small',
  'no_archive',
  'no_time_column',
  'unsafe_archive_name',
  // embedded
  'cluster_of_another_user',
  'condition_not_met_in_time',
  'folder_in_use',
  'nats_server_not_found',
  'no_postgres_binaries',
  'server_failed',
  // backtest
  'archive_unusable',
  'model_process_failed',
  'no_feed',
  'no_history',
  // cli
  'address_unknown',
  'credentials_unreadable',
  'certificate_unusable',
  'no_openssl',
  'no_logs',
  'no_run_in_folder',
  'no_such_backfill_job',
  'payload_unreadable',
  'query_refused',
  'replay_incomplete',
  'unknown_streams',
  'usage',
  // operations
  'api_silent',
  'config_too_large',
  'ingest_unavailable',
  'letter_refused',
  'nothing_recorded',
  'other_configuration',
  'partitions_changed',
  'partitions_fixed',
  'postgres_silent',
  'proof_step_failed',
  'unknown_letter',
  // backfill
  'backfill_job_ended',
  'backfill_page_unavailable',
  // ingest
  'rounds_began_late',
  // orchestrator
  'control_refused',
  'control_request_refused',
  'models_run_in_folder',
  'no_models_in_folder',
  'no_python_host',
  'no_submission',
  'unknown_model',
  'unusable_models_file',
  // report
  'bad_frame_origin',
  'bad_key',
  'bad_prefix',
  'custom_routes_fault',
  'http_refused',
  'invalid_request',
  'port_taken',
  'schema_name_taken',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/**
 * An error of the engine: its message names what was expected, what was received and the remedy. Whatever else is thrown
 * is a fault of the operating system, of a library, or of the code.
 */
export abstract class CrunchError extends Error {
  abstract readonly code: ErrorCode;
}
