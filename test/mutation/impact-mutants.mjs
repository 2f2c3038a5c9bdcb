/** One fault in each decision about changes that are looked at beforehand, about rollovers and about the forecast. */
const mutant = (file, tests) => (what, from, to) => ({ file: `src/${file}`, what, from, to, tests: tests.map((test) => `test/${test}`) });

const ways = mutant('domain/impact/way.ts', ['domain/impact/way']);
const remember = mutant('domain/usecases/remember-certificates.ts', ['domain/usecases/remember-certificates']);
const connect = mutant('domain/usecases/connect-device.ts', ['domain/usecases/remember-certificates']);
const judge = mutant('domain/certificates/judge-paths.ts', ['domain/usecases/remember-certificates']);
const impact = mutant('domain/impact/impact.ts', ['domain/impact/impact']);
const option = mutant('domain/impact/change-options.ts', ['domain/impact/impact', 'adapters/http/foreseen-changes']);
const foresee = mutant('domain/usecases/foresee-changes.ts', ['domain/usecases/foresee-changes']);
const standing = mutant('domain/usecases/standing-anchors.ts', ['domain/usecases/foresee-changes']);
const every = mutant('domain/usecases/every-path.ts', ['domain/usecases/foresee-changes', 'domain/usecases/manage-rollovers']);
const answered = mutant('adapters/http/is-answered.ts', ['adapters/http/foreseen-changes']);
const certificates = mutant('adapters/http/routes/trusted-certificates.ts', ['adapters/http/foreseen-changes']);
const careful = mutant('adapters/cli/careful-change.ts', ['adapters/cli/careful-change']);
const rollover = mutant('domain/impact/rollover.ts', ['domain/impact/rollover']);
const rollovers = mutant('domain/usecases/manage-rollovers.ts', ['domain/usecases/manage-rollovers']);
const routes = mutant('adapters/http/routes/rollovers.ts', ['adapters/http/rollovers']);
const forecast = mutant('domain/impact/forecast.ts', ['domain/impact/forecast']);
const weeks = mutant('domain/impact/by-week.ts', ['domain/impact/forecast']);
const thresholds = mutant('domain/impact/expiry-thresholds.ts', ['domain/impact/forecast']);
const telling = mutant('domain/usecases/tell-of-expiry.ts', ['domain/usecases/forecast-expiry']);
const expiry = mutant('domain/usecases/forecast-expiry.ts', ['domain/usecases/forecast-expiry']);
const paths = mutant('adapters/persistence/kysely-seen-paths.ts', ['adapters/persistence/kysely-stores']);
const successions = mutant('adapters/persistence/kysely-successions.ts', ['adapters/persistence/kysely-stores']);
const devices = mutant('adapters/persistence/kysely-device-registry.ts', ['adapters/persistence/kysely-stores']);
const board = mutant('adapters/in-memory/in-memory-session-board.ts', ['adapters/in-memory/in-memory-sessions']);
const round = mutant('adapters/system/daily-round.ts', ['adapters/system/daily-round']);

export const IMPACT_MUTANTS = [
  ways('ways into other tenants too', 'anchor.tenant !== tenant || !isInForce', '!isInForce'),
  ways('ways to anchors that are not in force', 'anchor.tenant !== tenant || !isInForce(anchor)', 'anchor.tenant !== tenant'),
  ways('the leaf stands between', 'slice(1, -1).map', 'slice(0, -1).map'),
  ways('what stands between makes no difference', "[anchor, ...intermediates.map(({ fingerprint }) => fingerprint)].join(' ')", 'anchor'),
  ways('an anchor may be crowded out', '[...first, ...inOrder.filter((way) => !first.includes(way))]', '[...inOrder]'),
  ways('as found', "[...ways].sort(([a], [b]) => (a < b ? -1 : 1))", '[...ways]'),
  remember('another way is no news', ' || last.ways !== sight.ways || isStale', ' || isStale'),
  remember('a path is written at every look', 'if (last && !isNews(sight, { ...last, ways: sameness(last.ways) })) return last.lastSeen;', ''),
  remember('a sight of the same day counts as a visit', 'last && (isStale(last, path) ? last.lastSeen : last.seenBefore)', 'last?.lastSeen'),
  remember('the visit before is lost', '...(seenBefore && { seenBefore })', ''),
  remember('the path outlives its device', 'Promise.all([this.#needs.seen.forget(tenant, device), this.#needs.paths.forget(tenant, device)])', 'this.#needs.seen.forget(tenant, device)'),
  remember('the younger write counts for both', 'Math.min(...written', 'Math.max(...written'),
  connect('ways of nobody', 'waysOf(standing.value.paths, tenant.value.id)', 'waysOf([], tenant.value.id)'),
  judge('one path only', '    paths.push({ certificates', '    paths.splice(0, 1, { certificates'),
  impact('a way is closed a moment too early', 'at <= notAfter && intermediates', 'at < notAfter && intermediates'),
  impact('what stands between may have expired', 'intermediates.every((each) => at <= each.notAfter)', 'intermediates.length >= 0'),
  impact('the withdrawn one is another way', 'open.some(({ anchor }) => anchor !== withdrawn)', 'open.length > 1'),
  impact('who is out is hit', "open.length > 0 ? 'alone' : 'already-out'", "open.length >= 0 ? 'alone' : 'already-out'"),
  impact('who is online was seen long ago', 'if (isOnline || days <= 1)', 'if (days <= 1)'),
  impact('a week has eight days', 'days <= 7)', 'days <= 8)'),
  impact('a month is shorter', 'days <= 30 ?', 'days < 30 ?'),
  impact('tokens where there are none', 'if (this.#tokenLifeMs === 0) return false;', ''),
  impact('the day that a sight is exact to is left out', '< DAY_MS + this.#tokenLifeMs', '< this.#tokenLifeMs'),
  impact('examples without end', 'this.#examples.length < MOST_EXAMPLES', 'this.#examples.length >= 0'),
  impact('who was seen counts as unknown', 'registered - this.#seen', 'registered'),
  option('any text is a number', "value === 'off' || /^\\d{1,9}$/.test(value)", 'value.length > 0'),
  standing('disabled anchors are a way in', 'anchor && isInForce(anchor) && anchor', 'anchor && anchor'),
  standing('expired anchors are a way in', ' && at <= anchor.certificate.notAfter', ''),
  foresee('ways are open for ever', 'isPassable(way, notAfter, at) && ', ''),
  foresee('sessions of everybody', '.filter((session) => session.anchors.includes(fingerprint)).length', '.length'),
  foresee('who is not written down does not count', 'for (const session of [...here.values()]) await add(pathOf(session, at));', ''),
  foresee('who is online counts twice', 'here.delete(path.device);', ''),
  foresee('blocked devices can come in', '!block && open.length > 0', 'open.length > 0'),
  foresee('blocked devices can be removed', "device.block && kind === 'device.remove'", 'false'),
  foresee('a suspended tenant is hit again', 'isOpen && open.length > 0', 'open.length > 0'),
  foresee('nobody comes back', ".some((anchor) => anchor?.autoRegistration)", '.some((anchor) => anchor === undefined)'),
  foresee('one more goes unasked', 'devices <= most ||', 'devices <= most + 1 ||'),
  foresee('any number confirms', 'devices === confirm', 'confirm !== undefined'),
  foresee('the choice of another counts', 'parseTenantId(change.tenant)', "parseTenantId('other')"),
  foresee('what is refused anyway is refused here', 'if (!impact.granted) return grant(undefined);', 'if (!impact.granted) return impact;'),
  every('one page only', 'if (page.length < PAGE) return;', 'return;'),
  every('the page begins with the last one', 'last = page.at(-1)?.device;', 'last = page.at(-2)?.device;'),
  answered('a dry run is made', 'if (wish.value.dryRun) {', 'if (wish.value.dryRun && request.method === "GET") {'),
  answered('what was refused is made', 'return !agreed.granted;', 'return false;'),
  answered('a misspelt wish is none', "dryRun !== 'true' && dryRun !== 'false'", 'false'),
  certificates('disabling keeps nobody out', "status === 'disabled' ? { kind", "status === 'enabled' ? { kind"),
  careful('--dry-run is not sent', "send('?dryRun=true')", "send('')"),
  careful('anything typed confirms', 'typed?.trim() !== String(wanted)', 'typed === undefined'),
  careful('asked though a number was given', 'confirm === undefined && !options.json', '!options.json'),
  rollover('who came by both is left behind', "if (ways.some(({ anchor }) => anchor === successor)) return 'arrived';", "if (ways.every(({ anchor }) => anchor === successor) && ways.length > 0) return 'arrived';"),
  rollover('100 is rounded up to', 'Math.floor((100', 'Math.round((100'),
  rollover('circles by way of others', 'at = next.get(at)) {', 'at = undefined) {'),
  rollover('without end in a circle of others', 'at !== undefined && !met.has(at)', 'at !== undefined && met.size < 1'),
  rollovers('the successor may be a stranger', 'of [fingerprint, successor]) {', 'of [fingerprint]) {'),
  rollovers('an end that is now', 'endDate <= at) return', 'endDate < at) return'),
  rollovers('setting is no event', "audit.record({ ...said, subject: `${fingerprint} to ${successor}` });", ''),
  rollovers('setting is not in the chain', ', [auditEntry(said, at, { before: former && factsOf(former), after: factsOf(succession) })]', ''),
  rollovers('the end of a link is not in the chain', 'fingerprint, [entry])', 'fingerprint)'),
  rollovers('overdue though all have come', '&& straggler > 0', ''),
  rollovers('all are stragglers', "=== 'straggler') found", "!== 'arrived') found"),
  rollovers('one straggler too many', 'found.length >= limit', 'found.length > limit'),
  routes('31 February', 'isDate && isDayThatIs(until)', 'isDate'),
  weeks('weeks of eight days', 'const WEEK_MS = 7 *', 'const WEEK_MS = 8 *'),
  weeks('an end now is one that was', 'ahead < 0 ? ENDED', 'ahead <= 0 ? ENDED'),
  forecast('each way counts', 'const by = new Set([', 'const by = Array.from(['),
  forecast('those who are here return', 'sight.isOnline || sight.notAfter < this.#at', 'sight.notAfter < this.#at'),
  forecast('what has ended returns', 'sight.isOnline || sight.notAfter < this.#at', 'sight.isOnline'),
  forecast('an end at the return is too early', 'expected <= sight.notAfter', 'expected < sight.notAfter'),
  forecast('expected in the past', 'Math.max(1, Math.floor((at.getTime() - lastSeen.getTime()) / away) + 1)', '1'),
  forecast('a clock that was set back', 'away === undefined || away <= 0', 'away === undefined'),
  forecast('as they come', 'of byEnd(all)', 'of all'),
  thresholds('thresholds one moment late', 'days <= threshold', 'days < threshold'),
  telling('said every day', 'threshold < (this.#told.get(key) ?? Infinity)', 'threshold <= (this.#told.get(key) ?? Infinity)'),
  telling('another certificate in its place is no news', '`${tenant}/${id} ${ends.getTime()}`', '`${tenant}/${id}`'),
  expiry('of suspended tenants too', "if (status !== 'active') continue;", ''),
  expiry('of CAs that let nobody in', 'items.filter(isInForce)', 'items'),
  expiry('one page of CAs', 'if (number * PAGE >= total) return', 'return'),
  expiry('nobody is online', 'online.has(path.device)', 'online.has(path.thumbprint as never)'),
  paths('remember: an older sight counts', "\n        .where('seen_path.last_seen', '<=', p.last_seen)", ''),
  paths('remember: the visit before stays', ', last_seen: p.last_seen, seen_before: p.seen_before })\n', ', last_seen: p.last_seen })\n'),
  paths('of: of any tenant', "paths.where('tenant', '=', p.tenant).where('device', '=', p.device)", "paths.where('device', '=', p.device)"),
  paths('listOf: the page begins with the last id', "where('device', '>', p.after)", "where('device', '>=', p.after)"),
  paths('listOf: nobody else gets a turn', 'this.#last.then(() => nextTurn()).then(read)', 'this.#last.then(read)'),
  paths('listOf: all in one turn', 'this.#last.then(() => nextTurn())', 'nextTurn()'),
  paths('forget: in every tenant', "tables.deleteFrom('seen_path').where('tenant', '=', p.tenant)", "tables.deleteFrom('seen_path')"),
  successions('set: the first stays', '.doUpdateSet({ successor: p.successor, end_date: p.end_date, since: p.since, by: p.by })', '.doNothing()'),
  successions('listOf: without order', ".orderBy('since').orderBy('fingerprint')", ''),
  successions('remove: in every tenant', "tables.deleteFrom('successor').where('tenant', '=', p.tenant)", "tables.deleteFrom('successor')"),
  devices('count: everybody’s', ".as('total')).where('tenant', '=', p.tenant)", ".as('total'))"),
  board('openOf: everybody’s', '.filter((session) => session.tenant === tenant);', ';'),
  round('it begins tomorrow', '    this.#goRound();\n    this.#timer', '    this.#timer'),
  round('ends before its work', 'await this.#underWay;', ''),
];
