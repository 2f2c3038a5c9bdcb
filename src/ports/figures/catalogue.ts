import type { FigureRow, LabelRule, Merging } from './figure.ts';
import { CONNECT_OUTCOMES, FETCH_OUTCOMES, TOKEN_OUTCOMES, TURNED_AWAY } from './outcomes.ts';

type Given<L> = { readonly labels?: L; readonly overTenants?: Merging };
const NONE = {} as const;

const count = <const L extends FigureRow['labels'] = typeof NONE>(help: string, { labels = NONE as L }: Given<L> = {}) => ({ kind: 'count', merged: 'sum', help, labels }) as const;
const time = <const L extends FigureRow['labels'] = typeof NONE>(help: string, { labels = NONE as L }: Given<L> = {}) => ({ kind: 'time', merged: 'sum', help, labels }) as const;
const gauge = <const L extends FigureRow['labels'] = typeof NONE>(merged: FigureRow['merged'], help: string, { labels = NONE as L, overTenants = merged }: Given<L> = {}) => ({ kind: 'gauge', merged, overTenants, help, labels }) as const;

/** Tenants told apart, by who came first; the others are one. Empty where it is not known whose it is. */
const tenant: LabelRule = { most: 100 };
const QUANTILES = ['0', '0.01', '0.1', '0.5'] as const;

const PACKETS = ['connect', 'connack', 'publish', 'puback', 'pubrec', 'pubrel', 'pubcomp', 'subscribe', 'suback', 'unsubscribe', 'unsuback', 'pingreq', 'pingresp', 'disconnect', 'auth'] as const;
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

/**
 * Every figure there is. A new one is a row here and one call where it happens; what is in no row cannot be counted. No label holds
 * a secret, a device, an address, or a text from outside (D-58).
 */
export const FIGURES = {
  fleetgate_connects_total: count('Devices judged, by MQTT or for one request, by what came of it: admitted, failed, or the code of the refusal.', { labels: { tenant, outcome: CONNECT_OUTCOMES } }),
  fleetgate_connects_would_be_refused_total: count('Devices admitted that a check in report mode would have refused, by its code.', { labels: { tenant, code: CONNECT_OUTCOMES } }),
  fleetgate_devices_registered_total: count('Devices that registered themselves.', { labels: { tenant } }),
  fleetgate_tokens_total: count('Requests for a device token, by what came of it: issued, failed, or the code of the refusal.', { labels: { tenant, outcome: TOKEN_OUTCOMES } }),
  fleetgate_logins_limited_total: count('Logins put off after too many wrong passwords.', { labels: { tenant } }),
  fleetgate_tls_handshake_seconds: time('From the start of a TLS handshake to its end, where it was successful.'),
  fleetgate_connack_seconds: time('From the end of the TLS handshake to the answer to CONNECT.', { labels: { outcome: ['admitted', 'refused'] } }),
  fleetgate_token_answer_seconds: time('From a message on s/uat to its answer on s/dat or s/e.'),
  fleetgate_connections_turned_away_total: count('TCP connections that came to nothing before CONNECT, or of which not all was read (chain-order), by why.', { labels: { reason: TURNED_AWAY } }),
  fleetgate_handshakes: gauge('sum', 'TLS handshakes by stage: under way, left lying, or waiting for their turn.', { labels: { stage: ['running', 'stalled', 'waiting'] } }),
  fleetgate_mqtt_connections: gauge('sum', 'MQTT connections open, admitted or not.'),
  fleetgate_sessions: gauge('sum', 'Sessions of devices that are open.'),
  fleetgate_mqtt_packets_total: count('MQTT packets by type and direction.', { labels: { direction: ['in', 'out'], type: PACKETS } }),
  fleetgate_messages_total: count('Messages of devices handed to the sink, and what came of it.', { labels: { tenant, outcome: ['taken', 'full', 'failed'] } }),
  fleetgate_message_sink_seconds: time('How long the sink took to take a message.'),
  fleetgate_sink_messages_total: count('What the sink did with messages it took: delivered, retried (attempts), or dead-lettered, because the receiver refuses them for good.', { labels: { outcome: ['delivered', 'retried', 'dead-lettered'] } }),
  fleetgate_sink_queued_messages: gauge('sum', 'Messages that the sink took and has not handed on yet.'),
  fleetgate_sink_queued_bytes: gauge('sum', 'What these messages take on disk or in memory.'),
  fleetgate_http_requests_total: count('HTTP requests by the pattern of their route and the class of their status.', { labels: { method: METHODS, route: { most: 200 }, status: ['1xx', '2xx', '3xx', '4xx', '5xx'] } }),
  fleetgate_http_request_seconds: time('How long an HTTP request took, bulk files and followed answers too.'),
  fleetgate_list_fetches_total: count('Revocation lists asked for in the background, by what came of it: fetched, or the code of the refusal.', { labels: { outcome: FETCH_OUTCOMES } }),
  fleetgate_store_seconds: time('How long the database took: to read, to write durably with the wait for its turn, and to commit.', { labels: { operation: ['read', 'write', 'commit'] } }),
  fleetgate_store_failures_total: count('Reads and writes that the database rejected.', { labels: { operation: ['read', 'write'] } }),
  fleetgate_change_feed_lag_seconds: gauge('max', 'For how long a process has not known that it followed every change made elsewhere; below 1 while all is well.'),
  fleetgate_spans_total: count('Spans of traces by what became of them: sent, failed (the collector did not take them), or dropped, because too many waited.', { labels: { outcome: ['sent', 'failed', 'dropped'] } }),
  fleetgate_event_loop_delay_seconds: gauge('max', 'By how much timers of the event loop were late in the last interval of 10 s.', { labels: { quantile: ['0.5', '0.99', '1'] } }),
  fleetgate_event_loop_stalls_total: count('Intervals in which the event loop was held up for longer than FLEETGATE_LOOP_ALARM_MS.'),
  fleetgate_expiry_timestamp_seconds: gauge('min', 'When the next trusted CA, intermediate seen, or revocation list in force ends (nextUpdate); Unix time.', { labels: { tenant, kind: ['anchor', 'intermediate', 'list'] } }),
  fleetgate_leaf_expiry_timestamp_seconds: gauge('min', 'By when this part of the devices’ certificates, as seen last and not ended, has ended; Unix time, exact to a day.', { labels: { tenant, quantile: QUANTILES } }),
  fleetgate_ended: gauge('max', 'Ended: certificates of devices as seen last, intermediates on their ways, trusted CAs and lists still enabled.', { overTenants: 'sum', labels: { tenant, kind: ['leaf', 'intermediate', 'anchor', 'list'] } }),
  fleetgate_ends_before_return: gauge('max', 'Devices away whose certificate will have ended when they come as they use to.', { overTenants: 'sum', labels: { tenant } }),
  fleetgate_server_certificate_expiry_timestamp_seconds: gauge('min', 'When the TLS certificate of this server ends; Unix time.'),
  fleetgate_signing_key_created_timestamp_seconds: gauge('min', 'When the key that signs tokens was made; Unix time.'),
  fleetgate_signing_key_retirement_timestamp_seconds: gauge('min', 'When the next former key stops checking tokens; absent where there is none. Unix time.'),
  fleetgate_forecast_timestamp_seconds: gauge('min', 'When the figures of what ends were worked out; Unix time.'),
  fleetgate_build_info: gauge('max', 'Always 1; the versions are labels.', { labels: { version: { most: 10 }, node: { most: 10 } } }),
  process_resident_memory_bytes: gauge('sum', 'Memory of the process.'),
  process_heap_bytes: gauge('sum', 'Memory of it that holds live objects of JavaScript.'),
  process_open_fds: gauge('sum', 'Open file descriptors.'),
  process_max_fds: gauge('min', 'Most file descriptors that it may have open.'),
  process_cpu_seconds_total: count('Processor time used.'),
  process_start_time_seconds: gauge('min', 'When the process started; Unix time.'),
} satisfies Readonly<Record<string, FigureRow>>;

export type FigureName = keyof typeof FIGURES;
type NameOf<Kind extends FigureRow['kind']> = { [Name in FigureName]: (typeof FIGURES)[Name]['kind'] extends Kind ? Name : never }[FigureName];
export type CountName = NameOf<'count'>;
export type GaugeName = NameOf<'gauge'>;
export type TimeName = NameOf<'time'>;
/** A text for each label of the figure. */
export type LabelsOf<Name extends FigureName> = { readonly [Label in keyof (typeof FIGURES)[Name]['labels']]: string };
