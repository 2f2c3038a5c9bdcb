/** One fault in each decision about revoked certificates, and in each method of their store. */
const mutant = (file, tests) => (what, from, to) => ({ file: `src/${file}`, what, from, to, tests: tests.map((test) => `test/${test}`) });

const names = mutant('domain/revocation/revocation.ts', ['domain/revocation', 'domain/tokens']);
const decide = mutant('domain/revocation/decide-revocation.ts', ['domain/revocation']);
const standing = mutant('domain/revocation/standing-paths.ts', ['domain/usecases/connect-device']);
const ask = mutant('domain/usecases/ask-revocation.ts', ['domain/usecases/connect-device']);
const connect = mutant('domain/usecases/connect-device.ts', ['domain/usecases/connect-device']);
const token = mutant('domain/tokens/decide-token.ts', ['domain/tokens']);
const claim = mutant('domain/tokens/path-claim.ts', ['domain/tokens']);
const live = mutant('domain/usecases/live-state.ts', ['domain/usecases/request-token']);
const request = mutant('domain/usecases/request-token.ts', ['domain/usecases/request-token']);
const desk = mutant('domain/usecases/manage-revocations.ts', ['domain/usecases/manage-revocations']);
const naming = mutant('domain/usecases/name-certificate.ts', ['domain/usecases/manage-revocations']);
const lists = mutant('domain/usecases/signed-lists.ts', ['domain/usecases/manage-revocations']);
const meant = mutant('domain/revocation/revoked-names.ts', ['domain/usecases/manage-revocations']);
const crl = mutant('adapters/pki/crl/crl-der.ts', ['adapters/pki/file-crl']);
const keys = mutant('adapters/pki/crl/crl-key.ts', ['adapters/pki/file-crl']);
const files = mutant('adapters/pki/crl/file-crl-signer.ts', ['adapters/pki/file-crl']);
const seen = mutant('adapters/persistence/kysely-seen-certificates.ts', ['adapters/persistence/kysely-stores']);
const sqlite = mutant('adapters/persistence/kysely-revocation-store.ts', ['adapters/persistence/kysely-stores']);
const memory = mutant('adapters/in-memory/in-memory-revocation-store.ts', ['adapters/in-memory']);
const board = mutant('adapters/in-memory/in-memory-session-board.ts', ['adapters/in-memory']);

export const REVOCATION_MUTANTS = [
  names('the anchor can be revoked', 'path.slice(0, Math.max(1, path.length - 1))', 'path.slice(0, path.length)'),
  names('a device that is its own anchor cannot be revoked', 'Math.max(1, path.length - 1)', 'path.length - 1'),
  names('nobody is meant by a fingerprint', "(fingerprint !== '' && fingerprint === certificate.fingerprint) ||", ''),
  names('the issuer is not compared', "(issuer === '' || certificate.issuer === '' || issuer === certificate.issuer)", 'true'),
  names('an issuer must be named', "(issuer === '' || certificate", "(certificate"),
  names('an issuer that is not known is nobody', "certificate.issuer === '' || ", ''),
  names('a serial number of 21 bytes', '{1,40}', '{1,42}'),
  names('half a byte', 'digits.length % 2 === 0 ? digits : `0${digits}`', 'digits'),
  names('zeros in front count', "hex.replace(/^0+/, '')", 'hex'),
  decide('a hold hides what is for good', 'hits.findLast(({ revocation }) => !isHold(revocation)) ?? hits.at(-1)', 'hits.at(-1)'),
  decide('the lowest certificate is told', 'hits.findLast(({ revocation })', 'hits.find(({ revocation })'),
  decide('the lowest hold is told', 'hits.at(-1)', 'hits[0]'),
  decide('a list’s hold is for good', " || reason === 'certificateHold'", ''),
  standing('the anchors of revoked paths count', 'standing.flatMap(({ anchors }) => anchors)', 'paths.flatMap(({ anchors }) => anchors)'),
  standing('a hold is not told first', "refusals.find(({ code }) => code === 'revocation.on-hold') ?? refusals[0]!", 'refusals[0]!'),
  standing('what is told comes last', '?? refusals[0]!', '?? refusals.at(-1)!'),
  ask('other tenants’ anchors count', 'anchor.tenant === tenant)', 'anchor !== undefined)'),
  ask('paths of other tenants are asked about', '.filter(({ anchors }) => anchors.length > 0)', ''),
  connect('what is revoked comes in', "if (!standing.granted) return this.#refused(question, standing.refusal, { chain: chain.value, tenant: tenant.value.id });", 'if (!standing.granted) return this.#refused(question, { code: "registration.trust-in-motion" });'),
  token('tokens of revoked certificates count', "if (!revoked.granted) return refuse({ ...revoked.refusal, code: 'token.certificate-revoked' });", ''),
  claim('every issuer is known', "issuer.length > LONGEST_ISSUER ? '' : issuer", 'issuer'),
  claim('no issuer is known', "issuer.length > LONGEST_ISSUER ? '' : issuer", "''"),
  live('nothing is asked about revocation', 'revocationsOf(stores, whose.tenant, whose.path)', 'revocationsOf(stores, whose.tenant, [])'),
  request('the path of a token is not read', 'pathOfClaim(claims.path ?? [])', '[]'),
  desk('more at once than a write may hold', 'serials.length > MOST_AT_ONCE', 'false'),
  desk('a moment to come stays', 'since && since < now ? since : now', 'since ?? now'),
  desk('every moment is now', 'since && since < now ? since : now', 'now'),
  desk('there is always room', 'there + more <= MOST_REVOKED', 'true'),
  desk('there is room for one more', 'there + more <= MOST_REVOKED', 'there + more <= MOST_REVOKED + 1'),
  desk('what is for good is released', "said.filter(({ source }) => source === 'hold')", 'said'),
  desk('nothing else stands in the way', "said.some(({ source }) => source !== 'hold')", 'false'),
  desk('what is for good was never said', "isStillRevoked ? 'revocation.for-good' : 'revocation.not-on-hold'", "'revocation.not-on-hold'"),
  desk('sessions go on', 'this.#needs.sessions.endByCertificate(tenant, meansAny(names))', '0'),
  desk('what changes nothing is audited', 'if (added.length > 0 || sessionsEnded > 0) {', '{'),
  desk('a session that was left ends without a word', 'if (added.length > 0 || sessionsEnded > 0) {', 'if (added.length > 0) {'),
  desk('a release is not audited', "audit.record({ what: 'certificate.released', tenant, by, subject: revokedNameText(hold) });", ''),
  desk('what was said first is not told', 'said.find(isSame) ?? revocation', 'revocation'),
  desk('a revocation may be called a hold', "isRevocationReason(given) && given !== 'certificateHold'", 'isRevocationReason(given)'),
  desk('any reason will do', "isRevocationReason(given) && given !== 'certificateHold' ? given : undefined", "given !== 'certificateHold' ? (given as never) : undefined"),
  desk('a hold has any reason', "given === undefined || given === 'certificateHold' ? 'certificateHold' : undefined", "'certificateHold'"),
  desk('any note will do', "note !== undefined && note !== '' && parseBlockReason(note) === undefined", 'false'),
  naming('two names', 'ways !== 1 ||', 'ways < 1 ||'),
  naming('an issuer beside anything', '(issuer !== undefined && serialNumber === undefined)', 'false'),
  naming('one of several certificates', 'if (decoded.value.length > 1)', 'if (decoded.value.length > 2)'),
  naming('a CA that is trusted is named by its bytes', 'if (anchor) return grant(nameOf(anchor.certificate));', ''),
  naming('what was seen is named by its bytes', "known && known.fingerprint !== '' && known.issuer !== ''", 'known && !known'),
  naming('a number of any issuer, where its issuer is not known', " && known.issuer !== ''", ''),
  naming('what was given is shown', '/^[\\w:. -]{1,128}$/.test(text) ? text :', 'text ? text :'),
  lists('the same list for ever', ' && age < SAME_FOR_MS', ''),
  lists('the same list after the clock was set back', 'age >= 0 && ', ''),
  lists('the same list after a change', 'kept.epoch === epoch && ', ''),
  lists('the number does not grow', 'Math.max(at.getTime(), this.#lastNumber + 1)', 'at.getTime()'),
  lists('the first part only', 'if (part.length < PART) return;', 'return;'),
  lists('holds come first', "['manual', 'hold'] as const", "['hold', 'manual'] as const"),
  lists('fingerprints are listed', "serialNumber !== '' && !entries.has(serialNumber)", '!entries.has(serialNumber)'),
  lists('a failure is kept', 'signed.der.catch(() => this.#kept.get(tenant) === signed && this.#kept.delete(tenant));', 'signed.der.catch(() => undefined);'),
  meant('a fingerprint ends no session', '...(byFingerprint.get(certificate.fingerprint) ?? [])', '...[]'),
  crl('a negative serial number', 'bytes[0]! < 0x80 ? bytes : Buffer.concat([Buffer.from([0]), bytes])', 'bytes'),
  crl('unspecified is spelt out', 'why === 0 ? [] : [', 'why < 0 ? [] : ['),
  crl('an empty list of entries', 'written.length > 0 ? [der(TAG.sequence, ...written)] : []', '[der(TAG.sequence, ...written)]'),
  crl('UTCTime in 2050', '<= 2049', '<= 2050'),
  crl('UTCTime in 1949', '>= 1950', '>= 1949'),
  crl('version 1', 'Buffer.from([1])), // v2', 'Buffer.from([0])), // v2'),
  crl('no turn for others', '    await turn();\n', ''),
  keys('its key signs certificates', 'KeyUsageFlags.cRLSign, true', 'KeyUsageFlags.cRLSign | KeyUsageFlags.keyCertSign, true'),
  keys('it is no CA', 'new BasicConstraintsExtension(true, 0, true)', 'new BasicConstraintsExtension(false, undefined, true)'),
  keys('another key’s certificate is taken', "if (!certificate.checkPrivateKey(privateKey)) throw", 'if (!certificate) throw'),
  files('everybody reads the key', "open(draft, 'wx', 0o600)", "open(draft, 'wx', 0o644)"),
  files('the last key counts', 'await link(draft, file)', "await import('node:fs/promises').then(({ rename }) => rename(draft, file))"),
  files('a failure is kept', 'opened.catch(() => this.#keys.delete(tenant));', 'opened.catch(() => undefined);'),
  files('modes stay', 'await chmod(file, 0o600).catch(() => undefined);', ''),
  seen('find: of any tenant', "seen.where('tenant', '=', p.tenant).where('fingerprint'", "seen.where('fingerprint'"),
  seen('remember: names stay unknown', '.doUpdateSet({ last_seen: p.last_seen, fingerprint: p.fingerprint, issuer_key: p.issuer_key })', '.doUpdateSet({ last_seen: p.last_seen })'),
  sqlite('walk: another source', "    .where('tenant', '=', p.tenant)\n    .where('source', '=', p.source)\n    .where(({ eb,", "    .where('tenant', '=', p.tenant)\n    .where(({ eb,"),
  sqlite('walk: begins with the last', "'fingerprint'), '>', tuple(", "'fingerprint'), '>=', tuple("),
  memory('walk: begins with the last', 'byName(revocation, after) > 0', 'byName(revocation, after) >= 0'),
  sqlite('add: overwrites', "'fingerprint', 'source']).doNothing()", "'fingerprint', 'source']).doUpdateSet({ since: p.since, reason: p.reason })"),
  sqlite('add: the epoch stays', '...(moving ? [moveEpoch] : [])', ''),
  sqlite('add: a list moves the epoch', '...(moving ? [moveEpoch] : [])', 'moveEpoch'),
  sqlite('add: everything is new', 'changes[i] === 1', 'changes.length > i'),
  sqlite('about: by serial number only', 'BY_SERIAL({ tenant, serialNumber })), byPrint]', 'BY_SERIAL({ tenant, serialNumber }))]'),
  sqlite('about: by fingerprint only', "serialNumber === '' ? [] : this.#db.read(BY_SERIAL({ tenant, serialNumber })), ", ''),
  sqlite('about: of any issuer', '.map(toRevocation).filter((revocation) => isMeant(revocation, certificate))', '.map(toRevocation)'),
  sqlite('about: each as often as it is found', 'return [...new Map(found.flat().map((revocation) => [JSON.stringify(toRow(revocation)), revocation])).values()];', 'return found.flat();'),
  sqlite('about: serial numbers of any tenant', "revocations.where('tenant', '=', p.tenant).where('serial_number', '=', p.serialNumber)", "revocations.where('serial_number', '=', p.serialNumber)"),
  sqlite('about: fingerprints of any tenant', "revocations.where('tenant', '=', p.tenant).where('fingerprint', '=', p.fingerprint)", "revocations.where('fingerprint', '=', p.fingerprint)"),
  sqlite('release: of any issuer', "\n    .where('issuer_key', '=', p.issuer)", ''),
  sqlite('release: of any fingerprint', "\n    .where('fingerprint', '=', p.fingerprint)\n    .where('source'", "\n    .where('source'"),
  sqlite('release: the epoch stays', "1, 'not-there'), moveEpoch]", "1, 'not-there')]"),
  sqlite('release: what is for good', "\n    .where('source', '=', p.source),\n);\n\nconst FORGET", ",\n);\n\nconst FORGET"),
  sqlite('forgetList: every list', "    .where('tenant', '=', p.tenant)\n    .where('source', '=', p.source)\n    .where(({ refTuple })", "    .where('tenant', '=', p.tenant)\n    .where(({ refTuple })"),
  sqlite('forgetList: all at once', '        .limit(p.limit)\n', ''),
  sqlite('listOf, countOf: everybody’s', "tables.selectFrom('revocation').where('tenant', '=', tenant)", "tables.selectFrom('revocation')"),
  sqlite('listOf: oldest first', "orderBy('since', 'desc')", "orderBy('since')"),
  memory('add: overwrites', 'if (this.#find(revocation)) return false;', ''),
  memory('add: the epoch stays', 'if (added.some(({ source }) => !isList(source))) this.#state.epoch += 1;', ''),
  memory('add: a list moves the epoch', 'added.some(({ source }) => !isList(source))', 'added.length > 0'),
  memory('about: of any issuer', '.filter((revocation) => isMeant(revocation, certificate))', ''),
  memory('about: each as often as it is found', 'return [...new Set(found)];', 'return found;'),
  memory('release: the epoch stays', 'this.#remove(found);\n    this.#state.epoch += 1;', 'this.#remove(found);'),
  memory('release: of any name', 'it.source === wanted.source && NAME.every((member) => it[member] === wanted[member])', 'it.source === wanted.source'),
  memory('release: by one of its names', 'for (const key of keysOf(revocation.tenant, revocation)) {\n      const', 'for (const key of keysOf(revocation.tenant, revocation).slice(0, 1)) {\n      const'),
  memory('forgetList: all at once', '.slice(0, limit);\n    for', ';\n    for'),
  memory('listOf: everybody’s', 'revocation.tenant === tenant && sources.includes(revocation.source)).sort', 'sources.includes(revocation.source)).sort'),
  memory('countOf: everybody’s', 'revocation.tenant === tenant && sources.includes(revocation.source)).length', 'sources.includes(revocation.source)).length'),
  board('endByCertificate: of any tenant', 'session.tenant === tenant && session.path', 'session.path'),
  board('endByCertificate: by the leaf only', 'session.path.some(isRevoked)', 'session.path.slice(0, 1).some(isRevoked)'),
];
