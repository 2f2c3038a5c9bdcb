/** One fault in each method of each store: what an adapter could get wrong and still look right. */
const sqlite = (name) => (what, from, to) => ({ file: `src/adapters/persistence/${name}.ts`, what, from, to, tests: ['test/adapters/persistence/kysely-stores'] });
const memory = (name) => (what, from, to) => ({ file: `src/adapters/in-memory/${name}.ts`, what, from, to, tests: ['test/adapters/in-memory'] });

const anchors = sqlite('kysely-trust-anchor-store');
const devices = sqlite('kysely-device-registry');
const tenants = sqlite('kysely-tenant-directory');
const administrators = sqlite('kysely-administrator-directory');
const epoch = sqlite('kysely-admission-epoch');
const withdrawn = sqlite('kysely-withdrawn-tokens');
const board = memory('in-memory-session-board');

export const STORE_MUTANTS = [
  anchors('add: the epoch is not compared', "\n    .where('value', '=', p.epoch)", ''),
  anchors('add: overwrites', "conflict.columns(['tenant', 'fingerprint']).doNothing()", "conflict.columns(['tenant', 'fingerprint']).doUpdateSet({ name: p.name })"),
  anchors('change: codes are left out', '  ...(possessionCode !== undefined && codeColumns(possessionCode)),\n', ''),
  anchors('findNamed: one name only', '[...wanted].map((name) => this.#db.read(NAMED({ name })))', '[...wanted].slice(0, 1).map((name) => this.#db.read(NAMED({ name })))'),
  anchors('findIssuedBy: by subject', "anchors.where('issuer_key', '=', p.name)", "anchors.where('subject_key', '=', p.name)"),
  anchors('findSame: by fingerprint', "anchors.where('thumbprint', '=', p.thumbprint)", "anchors.where('fingerprint', '=', p.thumbprint)"),
  anchors('find: of any tenant', "anchors.where('tenant', '=', p.tenant).where('fingerprint', '=', p.fingerprint)", "anchors.where('fingerprint', '=', p.fingerprint)"),
  anchors('listOf: without order', ".orderBy('added_at').orderBy('fingerprint')", ''),
  anchors('listOf: counts everybody’s', ".as('total')).where('tenant', '=', p.tenant)", ".as('total'))"),
  anchors('change: of every tenant', "\n      .where('tenant', '=', tenant)", ''),
  anchors('change: the epoch stays', "guarded(query, 1, 'not-there'), moveEpoch", "guarded(query, 1, 'not-there')"),
  anchors('change: auto-registration turned round', 'auto_registration: autoRegistration ? 1 : 0', 'auto_registration: autoRegistration ? 0 : 1'),
  anchors('remove: of every tenant', "tables.deleteFrom('trust_anchor').where('tenant', '=', p.tenant)", "tables.deleteFrom('trust_anchor')"),
  anchors('remove: the epoch stays', "guarded(REMOVE({ tenant, fingerprint }), 1, 'not-there'), moveEpoch", "guarded(REMOVE({ tenant, fingerprint }), 1, 'not-there')"),
  devices('register: overwrites', "conflict.columns(['tenant', 'id']).doNothing()", "conflict.columns(['tenant', 'id']).doUpdateSet({ details: p.details })"),
  devices('register: always says it registered', "=== 1 ? 'registered' : 'already-there'", ">= 0 ? 'registered' : 'already-there'"),
  devices('registerAll: details stay', 'steps(mapped(rows, SET_DETAILS))', 'steps(mapped(rows, INSERT))'),
  devices('find: of any tenant', "devices.where('tenant', '=', p.tenant).where('id', '=', p.id)", "devices.where('id', '=', p.id)"),
  devices('listOf: the page begins with the last id', "where('id', '>', p.after)", "where('id', '>=', p.after)"),
  devices('listOf: everybody’s', "devices.where('tenant', '=', p.tenant).where('id', '>'", "devices.where('id', '>'"),
  devices('remove: of every tenant', "tables.deleteFrom('device').where('tenant', '=', p.tenant)", "tables.deleteFrom('device')"),
  devices('remove: the epoch stays', "guarded(REMOVE({ tenant, id }), 1, 'not-there'), moveEpoch", "guarded(REMOVE({ tenant, id }), 1, 'not-there')"),
  devices('remove: blocked ones too', ".where('blocked_at', '=', ''),", ','),
  devices('setBlock: the epoch stays', "...blockColumns(block) }), 1, 'not-there'), moveEpoch", "...blockColumns(block) }), 1, 'not-there')"),
  devices('setBlock: in every tenant', "block_reason: p.block_reason })\n    .where('tenant', '=', p.tenant)", 'block_reason: p.block_reason })'),
  devices('toDevice: nobody is blocked', "row.block_reason}` !== ''", "row.block_reason}` === 'x'"),
  withdrawn('add: forgets nothing', "where('keep_until', '<', p.at)", "where('keep_until', '<', '')"),
  withdrawn('add: forgets a moment early', "where('keep_until', '<', p.at)", "where('keep_until', '<=', p.at)"),
  withdrawn('has: of any tenant', "select('jti').where('tenant', '=', p.tenant)", "select('jti')"),
  tenants('create: the domain is not looked for', "guarded(BY_DOMAIN({ domain: tenant.domain }), 0, 'domain-taken')", "guarded(FIND({ id: tenant.id }), 0, 'domain-taken')"),
  tenants('find: the first', "tenants.where('id', '=', p.id)", "tenants.where('id', '>=', p.id)"),
  tenants('findByDomain: by id', "tenants.where('domain', '=', p.domain)", "tenants.where('id', '=', p.domain)"),
  tenants('list: without order', "tenants.orderBy('id')", "tenants.orderBy('id', 'desc')"),
  tenants('setStatus: of everybody', ".set({ status: p.status }).where('id', '=', p.id)", '.set({ status: p.status })'),
  tenants('setStatus: the epoch stays', "guarded(SET_STATUS({ id, status }), 1, 'not-there'), moveEpoch", "guarded(SET_STATUS({ id, status }), 1, 'not-there')"),
  tenants('option: of any category', "\n    .where('category', '=', p.category)", ''),
  tenants('setOption: the first value stays', '.doUpdateSet({ value: p.value })', '.doNothing()'),
  tenants('setOption: the epoch stays', 'step(SET_OPTION({ tenant, category, key, value })), moveEpoch', 'step(SET_OPTION({ tenant, category, key, value }))'),
  administrators('find: of any tenant', "where('tenant', '=', p.tenant).where('name', '=', p.name)", "where('name', '=', p.name)"),
  administrators('put: the password stays', 'doUpdateSet({ password_hash: p.password_hash, roles: p.roles })', 'doUpdateSet({ roles: p.roles })'),
  epoch('current: stands still', "row('value', '+', 1)", "row('value', '+', 0)"),
  board('open: nobody is taken over', 'if (former) this.close(former.session.id);', ''),
  board('open: nobody is told', "if (former) this.#tell(former, 'taken-over');", ''),
  board('open: devices of one id in two tenants are one', 'keyOf(tenant, device)', "keyOf('', device)"),
  board('close: the session stays', '    this.#open.delete(id);\n', ''),
  board('isOpen: always', 'return this.#open.has(id);', 'return true;'),
  board('count: of devices that ever came', 'return this.#open.size;', 'return this.#open.size + 1;'),
  board('endByAnchor: of any tenant', 'session.tenant === tenant && session.anchors', 'session.anchors'),
  board('endByDevice: of any tenant', 'session.tenant === tenant && session.device', 'session.device'),
  board('endByTenant: everybody', "this.#end('tenant-suspended', (session) => session.tenant === tenant)", "this.#end('tenant-suspended', () => true)"),
  board('endAll: nobody', "this.#end('server-shutting-down', () => true)", "this.#end('server-shutting-down', () => false)"),
];
