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
  live('nothing is asked about revocation', 'revocations.about(whose.tenant, whose.path)', 'revocations.about(whose.tenant, [])'),
  request('the path of a token is not read', 'pathOfClaim(claims.path ?? [])', '[]'),
  sqlite('add: overwrites', "'fingerprint', 'source']).doNothing()", "'fingerprint', 'source']).doUpdateSet({ since: p.since, reason: p.reason })"),
  sqlite('add: the epoch stays', '...(moving ? [moveEpoch] : [])', ''),
  sqlite('add: a list moves the epoch', '...(moving ? [moveEpoch] : [])', 'moveEpoch'),
  sqlite('add: everything is new', 'changes[i] === 1', 'changes.length > i'),
  sqlite('about: by serial number only', ', this.#db.read(BY_FINGERPRINT({ tenant, fingerprint }))', ''),
  sqlite('about: by fingerprint only', 'this.#db.read(BY_SERIAL({ tenant, serialNumber })), ', ''),
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
  sqlite('listOf: everybody’s', "tables.selectFrom('revocation').where('tenant', '=', tenant)", "tables.selectFrom('revocation')"),
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
  memory('listOf: everybody’s', 'revocation.tenant === tenant && sources', 'sources'),
  board('endByCertificate: of any tenant', 'session.tenant === tenant && session.path', 'session.path'),
  board('endByCertificate: by the leaf only', 'session.path.some(isRevoked)', 'session.path.slice(0, 1).some(isRevoked)'),
];
