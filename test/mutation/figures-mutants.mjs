/** One fault in each decision about figures, and about what is told of expiry. */
const mutant = (file, tests) => (what, from, to) => ({ file: `src/${file}`, what, from, to, tests: tests.map((test) => `test/${test}`) });

const metrics = mutant('adapters/metrics/in-memory-metrics.ts', ['adapters/metrics/in-memory-metrics']);
const merge = mutant('ports/figures/merge-figures.ts', ['adapters/metrics/merge-figures', 'adapters/metrics/in-memory-metrics']);
const outcomes = mutant('domain/usecases/count-outcomes.ts', ['adapters/metrics/catalogue']);
const loop = mutant('adapters/metrics/loop-watch.ts', ['adapters/metrics/metered']);
const sink = mutant('adapters/metrics/metered-sink.ts', ['adapters/metrics/metered']);
const database = mutant('adapters/persistence/metered-database.ts', ['adapters/persistence/metered-database']);
const text = mutant('adapters/http/prometheus-text.ts', ['adapters/http/prometheus-text']);
const route = mutant('adapters/http/routes/metrics.ts', ['adapters/http/metrics']);
const here = mutant('adapters/http/from-this-machine.ts', ['adapters/http/metrics']);
const packets = mutant('adapters/mqtt/packet-count.ts', ['adapters/mqtt/figures']);
const connect = mutant('adapters/mqtt/on-connect.ts', ['adapters/mqtt/figures']);
const token = mutant('adapters/mqtt/answer-token-request.ts', ['adapters/mqtt/figures']);
const tls = mutant('adapters/tls/tls-handshakes.ts', ['adapters/mqtt-listeners/figures']);
const weeks = mutant('domain/impact/by-week.ts', ['domain/impact/forecast']);
const forecast = mutant('domain/impact/forecast.ts', ['domain/impact/forecast']);
const thresholds = mutant('domain/impact/expiry-thresholds.ts', ['domain/impact/forecast']);
const telling = mutant('domain/usecases/tell-of-expiry.ts', ['domain/usecases/forecast-expiry']);
const expiry = mutant('domain/usecases/forecast-expiry.ts', ['domain/usecases/forecast-expiry']);
const figures = mutant('domain/usecases/expiry-figures.ts', ['domain/usecases/forecast-expiry']);

export const FIGURES_MUTANTS = [
  metrics('as many tenants as there are', 'if (this.#values.size >= this.#most) return OTHER;', ''),
  metrics('one tenant too many', 'this.#values.size >= this.#most', 'this.#values.size > this.#most'),
  metrics('any outcome', 'this.#most = isList ? 0 :', 'this.#most = isList ? 1000 :'),
  metrics('a time at a bound is beyond it', 'seconds <= bound', 'seconds < bound'),
  metrics('times beyond all bounds are lost', 'bucket === -1 ? TIME_BOUNDS.length : bucket', 'bucket'),
  metrics('a counter goes down', 'if (by >= 0) ', ''),
  metrics('what is read still moves', 'counts: [...each.counts]', 'counts: each.counts'),
  metrics('no zero to begin with', "if (this.#labels.length === 0 && kind !== 'gauge') this.#find({});", ''),
  metrics('a failing watch is told each time', 'this.#failing.add(name);', ''),
  metrics('watched tenants are not bounded', 'labels: kept.known(sample.labels)', 'labels: sample.labels'),
  metrics('tenants of one watch are merged as processes', 'samplesAsOne(samples.map(', 'mergedSamples(samples.map('),
  merge('everything is added up', "rule === 'sum' ? one.value + other.value : Math[rule](one.value, other.value)", 'one.value + other.value'),
  merge('the order of labels counts', '.sort(([a], [b]) => (a < b ? -1 : 1))', ''),
  merge('sums of times are lost', ', sum: one.sum + other.sum', ''),
  merge('tenants keep their names', "tenant: ''", 'tenant: sample.labels.tenant'),
  outcomes('refusals are admitted', "outcome: event.refusal.code }", "outcome: 'admitted' }"),
  outcomes('every device registers', 'if (event.registered) metrics', 'metrics'),
  outcomes('the audit log hears nothing', 'lines.record(event);', ''),
  outcomes('refused tokens are issued', "outcome: event.reason ?? ''", "outcome: 'issued'"),
  loop('every interval is a stall', 'worst * 1000 > this.#needs.alarmMs', 'true'),
  loop('no stall is counted', "metrics.count('fleetgate_event_loop_stalls_total', {});", ''),
  loop('told each time', 'if (now - this.#toldAt < quietMs) return', 'if (false) return'),
  sink('failed messages are taken', "let outcome: 'taken' | 'full' | 'failed' = 'failed'", "let outcome: 'taken' | 'full' | 'failed' = 'taken'"),
  sink('the meter hides what else a sink can do', "if (name === 'accept') return accept;", 'return accept;'),
  database('failures are not counted', "metrics.count('fleetgate_store_failures_total', { operation });", ''),
  database('writes are reads', "timed('write', () => db.write(unit))", "timed('read', () => db.write(unit))"),
  database('a read is timed when it is over', "timed('read', () => db.read(query))", "timed('read', (() => { const read = db.read(query); return () => read; })())"),
  text('buckets do not add up', '(below += count)', 'count'),
  text('quotes end a value', ".replaceAll('\"', '\\\\\"')", ''),
  text('line feeds end a line', ".replaceAll('\\n', '\\\\n')", ''),
  route('tenants for everybody', 'isAnonymous ? withoutTenants(all) : all', 'all'),
  route('for every tenant’s administrators', 'principal.tenant === MANAGEMENT && ', ''),
  route('for every user of management', '&& principal.roles.some((role) => MAY_READ.includes(role))', ''),
  route('for nobody’s eyes, but open', "if (metricsFor === 'off') return sendProblem(reply, OFF);", ''),
  route('login lets this machine in', "metricsFor === 'loopback' && isFromThisMachine(request)", 'isFromThisMachine(request)'),
  here('from anywhere', 'LOOPBACK.has(remoteAddress) && ', ''),
  here('under any name', 'NAMES.has(hostname.toLowerCase()) && ', ''),
  here('through a proxy', ' && BY_PROXIES.every((name) => headers[name] === undefined)', ''),
  packets('in is out', "in: counted('in')", "in: counted('out')"),
  connect('the refused are admitted', "verdict.granted ? 'admitted' : 'refused'", "'admitted'"),
  connect('nobody failed', "metrics.count('fleetgate_connects_total', { tenant: '', outcome: FAILED });", ''),
  token('answers take no time', "needs.metrics.took('fleetgate_token_answer_seconds'", "void ('fleetgate_token_answer_seconds'"),
  tls('handshakes are not timed', "this.#needs.metrics?.took('fleetgate_tls_handshake_seconds'", "void ('fleetgate_tls_handshake_seconds'"),
  weeks('the next end is the last', 'end < (this.#next ?? NEVER)', 'end > (this.#next ?? new Date(0))'),
  weeks('what has ended comes next', 'week !== ENDED && end <', 'end <'),
  weeks('those that have ended count among the ends to come', 'if (day < 0) return;', ''),
  weeks('a part is reached one too late', 'sum >= part * this.#count', 'sum > part * this.#count'),
  forecast('keys have no end', 'if (checksUntil) retiring.add(checksUntil);', ''),
  forecast('lists as they come', 'due.add(list.nextUpdate, list);', 'due.add(list.nextUpdate);'),
  thresholds('a list is late when it is due', 'if (nextUpdate < at) return 0;', 'if (nextUpdate <= at) return 0;'),
  thresholds('a daily list is told of each day', 'threshold * DAY_MS * LAST_PART <= life', 'true'),
  telling('told again after a restart', 'if (await this.#isKept(tenant, id, ends, threshold!)) continue;', ''),
  telling('another one in its place is known', 'facts.ends === ends.toISOString() && ', ''),
  telling('the next threshold is known', '&& Number(facts.days) <= threshold', ''),
  telling('a clock set back tells anew', 'Number(facts.days) <= threshold', 'Number(facts.days) === threshold'),
  telling('nothing is kept', 'await this.#keep(news);', ''),
  expiry('intermediates are not told of', 'thresholdOf(notAfter, at))),\n      (news) => [\n        { tenant, certificates: news.length, first: firstOf(news) },\n        `Intermediate', 'undefined)),\n      (news) => [\n        { tenant, certificates: news.length, first: firstOf(news) },\n        `Intermediate'),
  expiry('lists have the thresholds of certificates', 'listThresholdOf(list, at)', 'thresholdOf(list.nextUpdate, at)'),
  expiry('figures of the fleet are never set', 'this.#figures.set(forecasts, clock.now());', ''),
  figures('asked each time', 'now >= this.#standing.until', 'true'),
  figures('never asked again', 'now >= this.#standing.until', 'false'),
  figures('a failure stays', 'figures.catch(() => (this.#standing = undefined));', 'figures.catch(() => undefined);'),
  figures('what has ended is next', 'all.filter((end) => end >= clock.now())', 'all'),
];
