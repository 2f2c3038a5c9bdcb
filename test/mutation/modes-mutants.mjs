/** One fault in each decision about checks that are off, report or are enforced, and about looking at them beforehand. */
const mutant = (file, tests) => (what, from, to) => ({ file: `src/${file}`, what, from, to, tests: tests.map((test) => `test/${test}`) });

const judge = mutant('domain/certificates/judge-tenant-rules.ts', ['domain/certificates/tenant-rules']);
const options = mutant('domain/trust/rule-options.ts', ['domain/trust/rule-options']);
const mark = mutant('domain/trust/rules-mark.ts', ['domain/usecases/optional-rules']);
const ask = mutant('domain/usecases/ask-tenant.ts', ['domain/usecases/optional-rules', 'domain/usecases/explain-connect']);
const connect = mutant('domain/usecases/connect-device.ts', ['domain/usecases/optional-rules', 'domain/usecases/crowds']);
const explain = mutant('domain/usecases/explain-connect.ts', ['domain/usecases/explain-connect', 'domain/usecases/optional-rules']);
const steps = mutant('domain/usecases/explained-steps.ts', ['domain/usecases/explain-connect', 'domain/usecases/optional-rules']);
const meets = mutant('domain/usecases/meets-rules.ts', ['domain/usecases/optional-rules', 'domain/usecases/foresee-checks']);
const seen = mutant('domain/usecases/seen-ways.ts', ['domain/usecases/optional-rules', 'domain/usecases/foresee-checks']);
const chosen = mutant('domain/usecases/tenant-options.ts', ['domain/usecases/optional-rules']);
const token = mutant('domain/tokens/decide-token.ts', ['domain/tokens/decide-token', 'domain/usecases/optional-rules']);
const remember = mutant('domain/usecases/remember-certificates.ts', ['domain/usecases/optional-rules']);
const foresee = mutant('domain/usecases/foresee-checks.ts', ['domain/usecases/foresee-checks']);
const planned = mutant('domain/usecases/planned-checks.ts', ['domain/usecases/foresee-checks']);
const kept = mutant('domain/usecases/keep-refusals.ts', ['domain/usecases/optional-rules']);
const routes = mutant('adapters/http/routes/tenant-options.ts', ['adapters/http/foreseen-checks']);
const revoking = mutant('adapters/http/routes/revocations.ts', ['adapters/http/foreseen-checks']);
const paths = mutant('adapters/persistence/kysely-seen-paths.ts', ['adapters/persistence/kysely-stores']);
const refusals = mutant('adapters/persistence/kysely-refusal-store.ts', ['adapters/persistence/kysely-stores']);
const board = mutant('adapters/in-memory/in-memory-session-board.ts', ['adapters/in-memory/in-memory-sessions']);

export const MODES_MUTANTS = [
  judge('all paths have to meet them', 'meeting.length > 0 ? grant(meeting)', 'meeting.length === paths.length ? grant(meeting)'),
  judge('what does not meet them counts too', 'grant(meeting) : refuse', 'grant(paths) : refuse'),
  judge('each alone, and never all together', 'return alone.length > 0 ? alone : refusalIn(meetingRules(paths, rules, reporting));', 'return alone;'),
  judge('the device’s certificate first', '[...path.entries()].reverse()', '[...path.entries()]'),
  judge('the tenant’s inputs play no part', 'policyVerdicts(path, work, rules.policies)', 'policyVerdicts(path, work)'),
  options('policies are named and not demanded', "'fleetgate/policies.require-explicit': yesOrNo('true')", "'fleetgate/policies.require-explicit': yesOrNo('false')"),
  options('what makes no sense counts', 'given !== undefined && RULE_OPTIONS[name].fits(given) ? given', 'given !== undefined ? given'),
  options('a word may stand twice', 'new Set(words).size === words.length && ', ''),
  mark('of what only reports too', "checksIn(rules, 'enforce')", "checksIn(rules, 'enforce', 'report')"),
  mark('what is chosen makes no difference', '`${check} ${chosen[check]}`', 'check'),
  mark('order makes a difference', '...[...initialPolicies].sort()', '...initialPolicies'),
  ask('report refuses', "checksIn(rules, 'enforce'));\n  if (!meeting", "checksIn(rules, 'enforce', 'report'));\n  if (!meeting"),
  ask('revocation is asked of all ways', 'meeting.value.length === own.length ? ofAll', 'meeting.value.length >= 0 ? ofAll'),
  ask('ways of other tenants count', 'anchors.some((anchor) => anchor.tenant === tenant)', 'anchors.length > 0'),
  ask('nothing is told', '...wouldBeRefused(by.paths, rules), ', ''),
  connect('what is reported is a refusal like others', 'refusal, wouldBe: true, from', 'refusal, from'),
  connect('the tenant may have ended meanwhile', "if (still?.status !== 'active')", 'if (!still)'),
  connect('the session does not know by what it was judged', 'anchors: own, path, rules, rests })', 'anchors: own, path, rules: undefined, rests })'),
  explain('any way registers', 'const counting = meeting.granted ? meeting.value : own;', 'const counting = own;'),
  steps('what reports is broken', "=== 'enforce' ? 'broken' : 'reported'", "=== 'enforce' ? 'broken' : 'broken'"),
  steps('what is off is asked', "checksIn(rules, 'report', 'enforce')", "checksIn(rules, 'off', 'report', 'enforce')"),
  meets('the mark alone decides', 'if (mark === undefined || mark === admitted.rules) return true;', 'return mark === undefined || mark === admitted.rules;'),
  meets('any mark will do', 'mark === admitted.rules) return', 'admitted.rules !== undefined) return'),
  meets('what is not known is good', 'if (!seen) return false;', 'if (!seen) return true;'),
  meets('other ways count', '.filter((each) => isBy(path, each))', ''),
  meets('no way at all will do', 'own.length > 0 && meetingRules', 'meetingRules'),
  meets('nobody else has a turn', 'if ((i + 1) % AT_ONCE === 0) await needs.pause();', ''),
  seen('a way may have gaps', ' || between.length !== intermediates.length', ''),
  seen('its own anchor has another above', 'leaf.fingerprint === anchor.fingerprint ? [leaf] :', 'leaf.fingerprint === anchor.subject.key ? [leaf] :'),
  seen('the leaf alone decides by what it was', 'path.length === Math.max(1, certificates.length - 1) && path.every(', 'path.slice(0, 1).every('),
  chosen('removing an option ends nothing', 'isAboutChecks(named) ? await this.#acts(tenant) : 0', '0'),
  chosen('setting an option ends nothing', 'last ? await this.#acts(tenant) : 0', '0'),
  token('tokens outlive the rules', "if (!meetsRules) return refuse({ code: 'token.rules-not-met' });", ''),
  token('a token does not say by what it was judged', '...(rules !== undefined && { rules }),', ''),
  remember('chains of any size', 'bytes > LARGEST_CHAIN ? undefined', 'bytes < 0 ? undefined'),
  remember('the own certificate alone', 'const all = [leaf, ...paths.flatMap(', 'const all = [leaf, ...[].flatMap('),
  kept('what was reported is kept as refused', '...(wouldBe && { wouldBe }),', ''),
  foresee('who is out is hit', "return is.granted ? { effect: 'alone'", "return is.granted || paths.length > 0 ? { effect: 'alone'"),
  foresee('another way does not show', 'would.value.paths.length < is.value.paths.length', 'would.value.paths.length > is.value.paths.length'),
  foresee('ways are open for ever', 'isPassable(way, path.notAfter, at)', 'way.intermediates.length >= 0'),
  foresee('nobody is online', 'isOnline: isHere || online.has(path.device)', 'isOnline: false'),
  foresee('others have no sessions', 'if (sight.isOnline && !isHere && endsElsewhere(effect, why)) elsewhere += 1;', ''),
  foresee('what is left unsaid ends sessions elsewhere', '&& !ENDS_NO_SESSION.has(why ?? \'\')', ''),
  foresee('all are asked about', 'concerns: (chain) => chain.some(isMeant)', 'concerns: () => false'),
  foresee('who is not written down does not count', "if (hits(session)) count.add('alone'", "if (hits(session) && session.id === '') count.add('alone'"),
  foresee('of whom nothing is known counts as seen', 'if (!path.chain) continue;', ''),
  foresee('sessions that end by lists do not show', 'ids.has(id) || path.some(', 'ids.has(id) || [].some('),
  foresee('sessions that end by rules do not show', 'ids.has(id) || path.some(', 'path.some('),
  foresee('what cannot be set is foreseen', "if (wrong) return refuse({ code: 'tenant.unusable-option', evidence: wrong });", ''),
  foresee('nobody else has a turn', 'if (++judged % AT_ONCE === 0) await pause();', ''),
  planned('what was said is forgotten', 'return [...said, ...planned.filter', 'return [...planned.filter'),
  planned('what is set stands beside what is planned', '...set.filter((option) => !isPlanned(option))', '...set'),
  routes('a dry run sets the option', "if (await isAnswered(needs, request, reply, planned(request, [option]))) return reply;\n    const isExpected", 'const isExpected'),
  routes('a dry run sets several', 'if (await isAnswered(needs, request, reply, planned(request, options))) return reply;', ''),
  routes('a dry run removes', 'if (await isAnswered(needs, request, reply, planned(request, [{ category, key }]))) return reply;', ''),
  revoking('a dry run revokes', 'if (await isAnswered(needs, request, reply, { kind: `certificate.${act}`, tenant, revocations: [planned.value] })) return reply;', ''),
  paths('withChain: of any tenant', "whole.where('seen_path.tenant', '=', p.tenant).where('seen_path.device', '=', p.device)", "whole.where('seen_path.device', '=', p.device)"),
  paths('listWithChains: the page begins with the last id', "where('seen_path.device', '>', p.after)", "where('seen_path.device', '>=', p.after)"),
  paths('listWithChains: chains of other tenants', ".onRef('seen_chain.tenant', '=', 'seen_path.tenant')", ''),
  paths('listWithChains: nobody else gets a turn', 'this.#inTurn(() => this.#db.read(PAGE_WITH_CHAINS({ tenant, after: after ?? \'\', limit })))', 'this.#db.read(PAGE_WITH_CHAINS({ tenant, after: after ?? \'\', limit }))'),
  paths('remember: an older chain counts', ".where('seen_chain.last_seen', '<=', p.last_seen)", ''),
  paths('forget: the chain stays', ', step(FORGET_CHAIN({ tenant, device }))', ''),
  paths('forget: chains of every tenant', "tables.deleteFrom('seen_chain').where('tenant', '=', p.tenant)", "tables.deleteFrom('seen_chain')"),
  refusals('what was reported once stays so', ', would_be: p.would_be }', ' }'),
  board('endByRules: in every tenant', "'rules-not-met', (session) => session.tenant === tenant && ", "'rules-not-met', (session) => "),
];
