/** One fault in each decision of the journey that is no row of a table. */
const mutant = (file, tests) => (what, from, to) => ({ file: `src/domain/${file}`, what, from, to, tests: tests.map((test) => `test/domain/${test}`) });

const search = mutant('certificates/build-paths.ts', ['certificates/search-paths']);
const keys = mutant('certificates/key-rules.ts', ['certificates']);
const names = mutant('certificates/match-names.ts', ['certificates/name-constraints']);
const constraints = mutant('certificates/name-constraints.ts', ['certificates']);
const policies = mutant('certificates/certificate-policies.ts', ['certificates']);
const judge = mutant('certificates/judge-paths.ts', ['certificates/search-paths', 'usecases/connect-device']);
const walk = mutant('certificates/validate-path.ts', ['certificates']);
const chain = mutant('certificates/read-chain.ts', ['usecases/connect-device']);
const tenant = mutant('trust/resolve-tenant.ts', ['trust/resolve-tenant']);
const proven = mutant('trust/search-trust.ts', ['trust/search-trust']);
const identity = mutant('identity/read-identity.ts', ['identity']);
const ids = mutant('identity/device-id-rules.ts', ['identity']);
const path = mutant('access/request-path.ts', ['access']);
const template = mutant('access/path-template.ts', ['access']);
const block = mutant('registration/block.ts', ['registration/block']);
const registration = mutant('registration/decide-registration.ts', ['registration/decide']);
const token = mutant('tokens/decide-token.ts', ['tokens']);
const connect = mutant('usecases/connect-device.ts', ['usecases/connect-device']);
const stoodStill = mutant('usecases/trust-stood-still.ts', ['usecases/connect-device']);
const concerned = mutant('changes/concerns.ts', ['usecases/connect-device']);
const quota = mutant('overload/new-device-quota.ts', ['overload/bounds']);
const newcomer = mutant('usecases/register-itself.ts', ['usecases/crowds']);
const room = mutant('overload/session-room.ts', ['usecases/crowds']);
const passage = mutant('overload/crowd-control.ts', ['overload/bounds', 'usecases/crowds']);
const line = mutant('overload/fair-line.ts', ['overload/bounds']);
const turns = mutant('overload/turns.ts', ['overload/bounds']);
const rates = mutant('overload/rates.ts', ['overload/bounds']);
const crowd = mutant('usecases/connect-device.ts', ['usecases/crowds']);
const request = mutant('usecases/request-token.ts', ['usecases/request-token', 'usecases/crowds']);
const trust = mutant('usecases/manage-trust-anchors.ts', ['usecases/manage-trust-anchors', 'usecases/audited-changes']);
const proof = mutant('trust/proof-of-possession.ts', ['trust/proof-of-possession']);
const possession = mutant('usecases/prove-possession.ts', ['usecases/prove-possession']);
const audit = mutant('audit/audit-entry.ts', ['audit']);
const auditChain = mutant('audit/check-chain.ts', ['audit']);
const counting = mutant('usecases/count-refusals.ts', ['usecases/count-refusals']);

export const DECISION_MUTANTS = [
  search('one step more below the anchor', 'below.length > SEARCH_BUDGET.belowAnchor', 'below.length > SEARCH_BUDGET.belowAnchor + 1'),
  search('the budget is not spent', 'this.#unitsLeft -= units;', ''),
  search('one unit too many', 'units > this.#unitsLeft', 'units > this.#unitsLeft + 1'),
  search('steps are not counted', 'this.#stepsLeft-- <= 0', 'this.#stepsLeft <= 0'),
  search('a stored certificate is climbed over', "if (link !== 'no' && this.#sent.has(issuer.thumbprint)) return", "if (link !== 'no') return"),
  search('every signature is taken for good', "this.#verifies(child, issuer) ? 'yes' : 'no'", "this.#verifies(child, issuer) ? 'yes' : 'yes'"),
  search('pairs are not remembered', 'this.#tried.set(pair, link);', ''),
  search('proof of possession gives no precedence', '[anchor.possessionProven, isInForce(anchor), isAsked]', '[isInForce(anchor), isAsked]'),
  search('tenants do not take turns', 'rank: [...flags, turn]', 'rank: [...flags]'),
  search('key identifiers give no precedence', '[anchor.possessionProven, isInForce(anchor), isAsked]', '[anchor.possessionProven, isInForce(anchor)]'),
  keys('RSA from 2047', 'key.bits >= RSA_BITS.least', 'key.bits >= RSA_BITS.least - 1'),
  keys('RSA to 8193', 'key.bits <= RSA_BITS.most', 'key.bits <= RSA_BITS.most + 1'),
  keys('RSA exponent 1', 'key.exponent > 1n', 'key.exponent > 0n'),
  keys('unknown keys are accepted', "return true;\n    case 'unsupported':\n      return false;", "return true;\n    case 'unsupported':\n      return true;"),
  keys('SHA-1 is accepted', "hash === 'sha256' ||", "hash === 'sha256' || hash === 'sha1' ||"),
  keys('a signature of any length is worth an RSA check', 'bytes === Math.ceil(key.bits / 8)', 'bytes > 0'),
  keys('a short signature is worth a P-384 check', 'bytes >= SHORTEST_ECDSA[key.curve]', 'bytes >= 0'),
  names('a name is below another that it merely ends like', 'name.endsWith(`.${base}`)', 'name.endsWith(base)'),
  names('DNS names are compared with their case', 'const lower = name.toLowerCase();', 'const lower = name;'),
  names('a wildcard reaches into no exclusion', 'isWildcard && excludes && ', 'false && '),
  names('a DNS name that is none is outside', 'if (!isHost(isWildcard ? lower.slice(2) : lower)) return', "if (!isHost(isWildcard ? lower.slice(2) : lower)) return 'outside'; if (false) return"),
  names('another local part is the same mailbox', 'wanted.local === mailbox.local && ', ''),
  names('addresses of two families are compared', "if (name.length !== size) return 'outside';", ''),
  names('any mask is a prefix', "return !bits.includes('01');", 'return true;'),
  names('a directory name is within any', '.every((key, i) => key === whole[i])', '.every(() => true)'),
  constraints('excluded names pass', "!== 'outside');", "=== 'unclear');"),
  constraints('what is unclear is permitted', "matchName(name, constraint, false) === 'within'", "matchName(name, constraint, false) !== 'outside'"),
  constraints('the subject is no name', "...(subject.rdns.length > 0 ? [{ form: 'directory' as const, name: subject }] : []),", ''),
  constraints('mail addresses of the subject are no names', '...(hasMail ? [] : mailsIn(subject)),', ''),
  constraints('comparing costs nothing', '!work.spend(names.length * (constraints.permitted.length + constraints.excluded.length))', 'false'),
  policies('no policy is ever demanded', "if (this.#explicit === 0 && !this.#level) return 'no-valid-policy';", ''),
  policies('the last certificate is not asked', 'explicit > 0 || this.#suits()', 'true'),
  policies('anyPolicy may be mapped', 'issuerDomain === ANY_POLICY || subjectDomain === ANY_POLICY', 'false'),
  policies('mapping cannot be inhibited', 'if (this.#mapping === 0) next.delete(issuerDomain);\n      else ', ''),
  policies('anyPolicy cannot be inhibited', 'const anyCounts = this.#inhibitAny > 0 || (!isLast && isSelfIssued(certificate));', 'const anyCounts = true;'),
  judge('what was not compared to the end decides', "if (work.isSpent) return refuse({ code: 'path.too-much-to-compare' });", ''),
  judge('a search that ran out decides', "if (found.exhausted) return refuse({ code: 'path.budget-exhausted' });", ''),
  judge('anchors count in any state', 'anchors: path.anchors.filter(isInForce) });', 'anchors: path.anchors });'),
  judge('any path is as promising as any other', 'sort((a, b) => b.promise - a.promise)', 'sort(() => 0)'),
  walk('the anchor is not asked', 'return [...certificates.keys()].reverse()', 'return [...certificates.keys()].slice(0, -1).reverse()'),
  walk('self-issued CAs count', 'if (depth > 0 && !isSelfIssued(certificate)) counted += 1;', 'if (depth > 0) counted += 1;'),
  walk('what a CA constrains is forgotten', 'if (certificate.nameConstraints) above.push(certificate.nameConstraints);', ''),
  walk('a self-issued device is not constrained', 'const isConstrained = isLeaf || !isSelfIssued(certificate);', 'const isConstrained = !isSelfIssued(certificate);'),
  chain('one byte more', 'handshakeBytes > CHAIN_LIMITS.handshakeBytes', 'handshakeBytes > CHAIN_LIMITS.handshakeBytes + 1'),
  chain('one certificate more', 'chain.length > CHAIN_LIMITS.certificates', 'chain.length > CHAIN_LIMITS.certificates + 1'),
  chain('an unreadable certificate is skipped', 'if (!certificate.granted) {', 'if (!certificate.granted && position === 0) {'),
  tenant('the first of several wins', 'only(fitting) ??', 'fitting[0] ??'),
  tenant('the user name is not asked', 'fitting.find(({ id }) => id === named) ??', ''),
  tenant('the user name chooses any tenant', 'fitting.find(({ id }) => id === named)', 'tenants.find(({ id }) => id === named)'),
  tenant('a made-up domain decides', 'domainConfigured && domain === host', 'domain === host'),
  proven('a search that ran out decides for whoever was found', '({ possessionProven }) => possessionProven', '({ status }) => status === "enabled"'),
  proven('the first of several proven tenants wins', 'more.length === 0 ? first : undefined', 'first'),
  proven('a user name of another tenant is not asked', 'named !== tenant && anchors.some(', 'false && anchors.some('),
  proven('a user name of anybody stops it', 'anchors.some((anchor) => anchor.tenant === named)', 'named !== undefined'),
  proven('only what is proven lets devices in', 'anchor.tenant === tenant) }, at)', 'anchor.possessionProven && anchor.tenant === tenant) }, at)'),
  proven('names that cost too much are no end of the search', ", 'path.too-much-to-compare']", ']'),
  tenant('suspended tenants pass', "chosen.status === 'active'", 'chosen !== undefined'),
  identity('the first of two common names', 'if (names.length > 1)', 'if (names.length > 2)'),
  identity('any string type', '!READABLE.has(name.stringType)', "name.stringType === 'other'"),
  identity('the client id is not compared', 'claimed.value !== device.value', 'false'),
  identity('too many colons', 'more.length === 0', 'more.length <= 1'),
  ids('255 characters', 'length > LONGEST_ID', 'length > LONGEST_ID + 1'),
  ids('not normalised', "text.normalize('NFC') !== text", 'false'),
  ids('format characters', '\\p{Cf}', ''),
  registration('nobody needs the flag', 'anchors.some(({ autoRegistration }) => autoRegistration)', 'anchors.length > 0'),
  token('exp itself is in time', 'now >= claims.exp', 'now > claims.exp'),
  token('the audience is not compared', 'claims.aud !== claims.iss', 'false'),
  token('a token outlives the certificate', 'Math.min(now + policy.lifetime, Math.floor(device.notAfter.getTime() / 1000))', 'now + policy.lifetime'),
  token('a suspended tenant has tokens', "tenant.status !== 'active'", 'false'),
  token('removed devices have tokens', 'if (!device || !isSame) return', 'if (device && !isSame) return'),
  token('withdrawn anchors count', 'isInForce(anchor) && anchor.certificate', 'anchor.certificate'),
  connect('the whole chain is not asked for', 'trusted.granted || found.exhausted ?', 'true ?'),
  connect('the epoch is not compared', 'await trustStoodStill(this.#needs, before, verdict.value.session)', '(await epoch.current()) >= 0 || (await trustStoodStill(this.#needs, before, verdict.value.session))'),
  connect('the session of a lost race stays', 'board.close(verdict.value.session.id);', 'void board;'),
  connect('a trial registers', " && !question.trial;\n", ';\n'),
  connect('a trial is audited', 'if (trial) return refuse(refusal);', ''),
  crowd('a crowd is in nobody’s way', 'this.#crowds.enter(question.from)', "this.#crowds.enter('')"),
  quota('the CA without the flag is charged', 'anchors.find(({ autoRegistration }) => autoRegistration)', 'anchors[0]'),
  quota('a damaged option is no bound', 'value !== undefined && QUOTA_OPTIONS[OPTION].fits(value)', 'value !== undefined'),
  newcomer('quotas are not asked', '[entry], quotas)', '[entry])'),
  newcomer('who gets no session is registered', 'if (!room.granted) return room;', ''),
  newcomer('the alarm is raised for each', 'if (this.#told.get(key) === hour) return;', ''),
  room('one session more', 'sessions.countOf(tenant) < most', 'sessions.countOf(tenant) <= most'),
  room('nobody takes his own session over', ' || sessions.hasDevice(tenant, device)', ''),
  passage('each judgement counts', 'if (inside === tenant) return grant(true);', ''),
  passage('turns are kept for ever', 'end: () => leave(),', 'end: () => undefined,'),
  passage('the turn of another tenant is kept', 'leave(); // trust moved', '// trust moved'),
  passage('rates are not kept', 'if (seconds > 0) return', 'if (seconds < 0) return'),
  line('who comes first is served first', "this.#lines.set(key, line); // behind all others", '{ const others = [...this.#lines]; this.#lines.clear(); this.#lines.set(key, line); for (const [k, l] of others) this.#lines.set(k, l); }'),
  line('the newest of the first line is turned away', 'entry[1].length > (longest?.[1].length ?? 0)', '!longest'),
  turns('one more side by side', 'line.held >= this.#limits.sideBySide', 'line.held > this.#limits.sideBySide'),
  turns('ended twice', 'if (!ended) this.#end', 'this.#end'),
  rates('time gives nothing', '* perSecond);', '* 0);'),
  rates('a burst without end', 'Math.min(burst, bucket.left', 'Math.min(Infinity, bucket.left'),
  request('tokens without end', 'if (seconds > 0) {', 'if (seconds < 0) {'),
  mutant('usecases/judged-connect.ts', ['usecases/connect-device'])('a trial within one tenant sees all', 'only === undefined || tenant === only', 'only === undefined || tenant !== undefined'),
  request('a token is good beside any certificate', 'shown !== undefined && !isBoundTo(claims, shown)', 'false'),
  request('a token signed during a withdrawal is given out', 'decision.granted && !(await trustStoodStill(this.#needs, before, device))', 'decision.granted && false && !(await trustStoodStill(this.#needs, before, device))'),
  request('an ended session has tokens', 'this.#needs.sessions.isOpen(session.id)', 'true'),
  request('live state is not asked of a shown token', 'if (!live.granted) return live;\n    if (await', 'if (await'),
  path('// is taken', "segment === '' && i < raw.length - 1", 'false'),
  path('.. is taken', "decoded === '.' || decoded === '..'", "decoded === '.'"),
  path('what needs no encoding may be encoded', 'if (encoded.some(', 'if (encoded.every('),
  path('an encoded slash is taken', '/[/\\\\%;\\p{Cc}]/u', '/[\\\\%;\\p{Cc}]/u'),
  path('a query may hold anything', 'if (!URI.test(uri))', "if (!URI.test(uri.split('?', 1)[0]!))"),
  path('any length', 'uri.length > LONGEST_URI', 'uri.length > LONGEST_URI + 1'),
  template('sources may differ', 'other !== uri', 'other === undefined'),
  template('any tenant', 'segment === tenant', "segment !== ''"),
  template('any device', 'segment === device', "segment !== ''"),
  template('longer paths fit', 'segments.length !== fixed.length', 'segments.length < fixed.length'),
  block('blanks are a reason', "text.trim() !== ''", "text !== ''"),
  block('one character more', 'text.length <= LONGEST_REASON', 'text.length <= LONGEST_REASON + 1'),
  registration('blocked devices may be here', 'if (known?.block)', 'if (!known && anchors.length === 0)'),
  token('tokens of blocked devices count', 'if (device.block) return', 'if (device.block && !tenant) return'),
  token('tokens of a former registration count', '!device || !isSame', '!device'),
  request('withdrawn tokens still count', 'if (await withdrawn.has(tenant.id, claims.jti)) return', 'if (await withdrawn.has(tenant.id, claims.sub)) return'),
  request('withdrawn tokens are handed out again', 'if (issued && !(await withdrawn.has(device.tenant, issued.jti)))', 'if (issued)'),
  request('tokens are handed out again after a trust change', 'keyId(), epoch, ...device.anchors', 'keyId(), ...device.anchors'),
  request('every tenant may know of every token', 'asker === MANAGEMENT || asker === ten', 'asker !== undefined || asker === ten'),
  request('a withdrawal is forgotten with the end of the token', 'exp * 1000 + CLOCK_MARGIN_MS', 'exp * 1000'),
  token('every token is bound to every certificate', "cnf['x5t#S256'] === base64UrlOfHex(shown)", "cnf['x5t#S256'] !== shown"),
  proof('codes do not end', 'at > possessionCode.usableUntil', 'false'),
  proof('a code ends a moment too early', 'at > possessionCode.usableUntil', 'at >= possessionCode.usableUntil'),
  proof('any signature proves', 'return isSigned ? grant', 'return true ? grant'),
  proof('no line end is tolerated', "['', '\\n', '\\r\\n']", "['']"),
  proof('a code without end of chance', 'while (text.length < CODE_LENGTH)', 'if (text.length < CODE_LENGTH)'),
  possession('a proof is not of this anchor’s key', 'verifier.signedText(text, made, signer)', 'verifier.signedText(text, made, { ...signer, publicKey: signer.publicKey }) || made.length > 0'),
  possession('proof leaves an inert anchor inert', '{ possessionProven: true, inert: false }', '{ possessionProven: true }'),
  possession('a new code is the old one', "{ possessionCode }, 'possession.code-issued'", "{}, 'possession.code-issued'"),
  possession('refused proofs are not audited', "this.#needs.audit.record({ what: 'possession.refused', tenant, by, subject: fingerprint });", ''),
  stoodStill('what is not known of the changes does no harm', "(changes.at(-1)?.seq ?? before) < now", 'now < 0'),
  concerned('every tenant’s changes concern every device', 'tenant === whose.tenant', 'tenant !== whose.device'),
  concerned('its CA is nothing to it', 'anchors.includes(subject as Fingerprint)', 'anchors.includes(whose.device as never)'),
  concerned('every CA of its tenant concerns it', "(subject === '' || anchors", "(subject !== '' || anchors"),
  concerned('its own block is nothing to it', 'subject === whose.device', 'subject === whose.tenant'),
  concerned('the revocation of its certificate is nothing to it', '(!name || path.some', '(!name || [].some'),
  concerned('many revocations are nothing to it', '(!name || path', '(!!name && path'),
  concerned('what a newer program says is nothing to it', 'return true; // of a newer program', 'return false;'),
  trust('uploads are not compared with others', 'touchesOthers(certificate, { tenant, others: [...above, ...below], verifies })', 'false'),
  trust('sessions go on after a removal', "const sessionsEnded = sessions.endByAnchor(tenant, fingerprint);\n    audit.record({ ...said, sessionsEnded });\n    return grant(undefined);", "const sessionsEnded = 0;\n    audit.record({ ...said, sessionsEnded });\n    return grant(undefined);"),
  trust('sessions go on after disabling', 'isInForce(anchor) ? 0 :', 'true ? 0 :'),
  trust('an expired CA can be enabled', 'activates ? admitTrustAnchor', 'false ? admitTrustAnchor'),
  trust('a file that is no chain is accepted', 'child.issuer.key === read.value.subject.key && verifier.verifies(child, read.value)', 'child.issuer.key === read.value.subject.key'),
  audit('secrets are kept', ".replace(SECRETS, '[masked]')", ''),
  audit('a text of any length', 'text.length > longest ?', 'text.length > 1e9 ?'),
  audit('what came is no difference', '[...Object.keys(before), ...Object.keys(after)]', '[...Object.keys(before)]'),
  mutant('audit/facts.ts', ['usecases/audited-changes'])('secret options are shown', 'isSecret(key) ? MASK : value', 'value'),
  auditChain('rows are not hashed', 'if (sha256(hashedText(former, row)) !== hash)', 'if (hash === former)'),
  auditChain('no gap', 'const isGap = seq !== last.seq + 1 && former !== last.hash', 'const isGap = seq < 0'),
  auditChain('the last row may go', 'if (last.seq < head.seq) return', 'if (last.seq < head.seq - 1) return'),
  auditChain('the last row may be another', 'if (seq === head?.seq) atHead = hash;', ''),
  auditChain('numbers alone decide', 'return shift(from) === 0 ? [] :', 'return from === 0 ? [] :'),
  counting('counted twice', "    this.#tallies = new Map();\n", ''),
  counting('lost with the store', 'for (const [key, tally] of kept) this', 'for (const [key, tally] of [...kept].slice(1)) this'),
  trust('the audit says what was not there', 'anchors.change(tenant, fingerprint, change, former, [', 'anchors.change(tenant, fingerprint, change, undefined, ['),
];
