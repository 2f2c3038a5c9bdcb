/** Whom the gate lets in, by the shape of the chain (wire-contract §8 item 7), over real TLS and by three of its mouths. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Container } from 'inversify';
import { usecasesModule } from '../../src/adapters/composition/usecases.module.ts';
import { pkiReadingModule } from '../../src/adapters/pki/pki-reading.module.ts';
import { sentenceOf } from '../../src/domain/refusal.ts';
import { ExplainDesk } from '../../src/ports/driving/explain-desk.ts';
import { describeWith, itWith, knock, paho, refusalIn, type Call, type TlsVersion } from '../support/clients.ts';
import { belowRoot, derOf, OpensslPki, type Issued } from '../support/openssl-pki.ts';
import { anOperatedGate, type OperatedGate, type Ran } from '../support/operated-gate.ts';

interface Shape {
  readonly leaf: Issued;
  /** As sent. */
  readonly chain: readonly Issued[];
  readonly anchor: Issued;
}

const PAST = ['20200101000000Z', '20210101000000Z'] as const;
const CA_WITH_PATH_LENGTH_0 = ['basicConstraints=critical,CA:TRUE,pathlen:0', 'keyUsage=critical,keyCertSign'];
const TLS_VERSIONS: readonly TlsVersion[] = ['TLSv1.2', 'TLSv1.3'];

const pki = new OpensslPki();
let count = 0;
/** Names that stand in one shape only: an anchor of one shape must not help another. */
const root = (): Issued => pki.root(`/CN=Root ${++count}`);
const intermediate = (issuer: Issued, wish = {}): Issued => pki.intermediate(issuer, `/O=Works/CN=Intermediate ${++count}`, wish);
const device = (issuer: Issued, wish = {}): Issued => pki.device(issuer, `/CN=press-${++count}`, wish);
/** As many intermediates as asked for between a device and its root. */
const deep = (intermediates: number): Issued => {
  let issuer = root();
  for (let i = 0; i < intermediates; i++) issuer = intermediate(issuer);
  return device(issuer);
};
const trustingRoot = (leaf: Issued, chain = belowRoot(leaf).chain): Shape => ({ leaf, chain, anchor: leaf.path.at(-1)! });

const ADMITTED: readonly (readonly [string, () => Shape])[] = [
  ['the leaf only, whose issuer is trusted', () => trustingRoot(device(root()))],
  ['leaf and intermediate, whose root is trusted', () => trustingRoot(deep(1))],
  ['the full chain with the trusted root', () => { const leaf = deep(2); return trustingRoot(leaf, leaf.path); }],
  ['leaf and intermediate, the intermediate itself trusted and no root', () => { const leaf = deep(1); return { leaf, chain: leaf.path.slice(0, 2), anchor: leaf.path[1]! }; }],
  ['the leaf only, the intermediate above it trusted and not sent', () => { const leaf = deep(1); return { leaf, chain: [leaf], anchor: leaf.path[1]! }; }],
  ['a self-signed CA:TRUE leaf that is trusted itself', () => { const leaf = pki.root(`/CN=press-${++count}`, { extensions: ['basicConstraints=critical,CA:TRUE'] }); return { leaf, chain: [leaf], anchor: leaf }; }],
  ['a CA:TRUE leaf below a trusted root', () => trustingRoot(device(root(), { extensions: ['basicConstraints=critical,CA:TRUE', 'keyUsage=digitalSignature,keyCertSign'] }))],
  ['ten certificates below the trusted root', () => trustingRoot(deep(9))],
  ['leaf, root, and the intermediates upside down', () => { const leaf = deep(3); return trustingRoot(leaf, [leaf, ...leaf.path.slice(1).reverse()]); }],
  ['a chain with strangers and duplicates in it', () => { const leaf = deep(2); const [, first, second] = leaf.path; return trustingRoot(leaf, [leaf, root(), first!, second!, first!, second!]); }],
];

const REFUSED: readonly (readonly [string, string, () => Shape])[] = [
  ['eleven certificates below the trusted root', 'path.too-many-certificates', () => trustingRoot(deep(10))],
  ['a second CA below one with pathLen 0', 'path.too-long at depth 2', () => trustingRoot(device(intermediate(intermediate(root(), { extensions: CA_WITH_PATH_LENGTH_0 }))))],
  ['an intermediate without CA:TRUE', 'path.issuer-is-not-a-ca at depth 1', () => trustingRoot(device(intermediate(root(), { extensions: ['basicConstraints=CA:FALSE'] })))],
  ['an intermediate without basicConstraints', 'path.issuer-is-not-a-ca at depth 1', () => trustingRoot(device(intermediate(root(), { extensions: ['keyUsage=keyCertSign'] })))],
  ['an intermediate that may not sign certificates', 'path.issuer-may-not-sign at depth 1', () => trustingRoot(device(intermediate(root(), { extensions: ['basicConstraints=CA:TRUE', 'keyUsage=cRLSign'] })))],
  ['an expired intermediate', 'path.outside-validity at depth 1', () => trustingRoot(device(intermediate(root(), { validity: PAST })))],
  ['an expired leaf', 'path.outside-validity at depth 0', () => trustingRoot(device(root(), { validity: PAST }))],
  ['a leaf that is not yet valid', 'path.outside-validity at depth 0', () => trustingRoot(device(root(), { validity: ['20480101000000Z', '20490101000000Z'] }))],
  ['a leaf for servers', 'path.extended-key-usage at depth 0', () => trustingRoot(device(root(), { extensions: ['basicConstraints=CA:FALSE', 'extendedKeyUsage=serverAuth'] }))],
  ['a missing intermediate', 'tenant.no-anchor-found', () => { const leaf = deep(1); return trustingRoot(leaf, [leaf]); }],
  ['a leaf that another CA of the same name signed', 'path.signature-invalid at depth 0', () => { const name = `/CN=Root ${++count}`; return { ...trustingRoot(device(pki.root(name))), anchor: pki.root(name) }; }],
];

describeWith('openssl')('chain shapes', () => {
  let gate: OperatedGate;
  let desk: ExplainDesk;
  beforeAll(async () => {
    gate = await anOperatedGate();
    const container = new Container();
    container.load(usecasesModule, pkiReadingModule);
    desk = container.get<ExplainDesk>(ExplainDesk);
  });
  afterAll(async () => {
    await gate?.remove();
    pki.remove();
  });

  const callOf = ({ leaf, chain }: Shape): Omit<Call, 'version'> => ({
    ...{ port: gate.mqtts[0]!, caFile: gate.caFile, certFile: pki.chainFile(chain), keyFile: leaf.keyFile },
    clientId: leaf.subject.replace('/CN=', ''),
  });
  /** By the desk that `fleetgate explain` asks; a process for each would be most of the time of this file. */
  const explained = ({ chain, anchor }: Shape, of: 'anchors' | 'disabledAnchors' = 'anchors'): string => {
    const { refusal } = desk.explain({ chain: chain.map(derOf), anchors: [], [of]: [derOf(anchor)], at: new Date() });
    return refusal ? sentenceOf(refusal).split(':')[0]! : 'admitted';
  };
  const explainedInATerminal = ({ chain, anchor }: Shape): Promise<Ran> => gate.cli('explain', pki.chainFile(chain), '--anchor', anchor.file);
  const both = async (call: Omit<Call, 'version'>) => [await knock({ ...call, version: 4 }), await knock({ ...call, version: 5 })] as const;

  describe.each(ADMITTED)('%s', (_title, shapeOf) => {
    let shape: Shape;
    beforeAll(async () => {
      shape = shapeOf();
      await gate.main.trusts(shape.anchor);
    });
    it.each(TLS_VERSIONS)('is admitted over %s by MQTT 3.1.1 and 5', async (tls) => {
      expect(await both({ ...callOf(shape), tls })).toEqual([{ code: 0, reason: '', tls }, { code: 0, reason: '', tls }]);
    });
    itWith('paho')('is admitted for paho', async () => {
      expect(await paho(TLS_VERSIONS.map((tls) => ({ ...callOf(shape), version: 5, tls })))).toEqual(TLS_VERSIONS.map((tls) => ({ code: 0, reason: '', tls })));
    });
    it('is admitted by explain', () => expect(explained(shape)).toBe('admitted'));
  });

  describe.each(REFUSED)('%s', (_title, refusal, shapeOf) => {
    let shape: Shape;
    beforeAll(async () => {
      shape = shapeOf();
      await gate.main.trusts(shape.anchor);
    });
    it.each(TLS_VERSIONS)(`is refused over %s: 5 in MQTT 3.1.1, 0x87 ${refusal} in MQTT 5`, async (tls) => {
      const [old, current] = await both({ ...callOf(shape), tls });
      expect([old, { ...current, reason: refusalIn(current.reason) }]).toEqual([{ code: 5, reason: '', tls }, { code: 0x87, reason: refusal, tls }]);
    });
    itWith('paho')(`is refused for paho, which hears ${refusal}`, async () => {
      const heard = await paho(TLS_VERSIONS.map((tls) => ({ ...callOf(shape), version: 5, tls })));
      expect(heard.map((each) => ({ ...each, reason: refusalIn(each.reason) }))).toEqual(TLS_VERSIONS.map((tls) => ({ code: 0x87, reason: refusal, tls })));
    });
    it('is refused by explain for the same reason', () => expect(explained(shape)).toBe(refusal));
    it('registers no device', async () => expect(await gate.main.devices()).not.toContain(callOf(shape).clientId));
  });

  it('fleetgate explain prints the verdict, admitted or not, and says it by its exit code', async () => {
    const good = trustingRoot(deep(1));
    const bad = trustingRoot(device(intermediate(root(), { validity: PAST })));
    const [admitted, refused] = await Promise.all([explainedInATerminal(good), explainedInATerminal(bad)]);
    expect([admitted.exit, admitted.out]).toEqual([0, expect.stringMatching(/^ADMITTED as press-\d+, /)]);
    expect([refused.exit, refused.out]).toEqual([3, expect.stringMatching(/^REFUSED path\.outside-validity at depth 1, /)]);
  });

  describe('a good chain whose anchor is disabled', () => {
    let shape: Shape;
    beforeAll(async () => {
      shape = trustingRoot(deep(1));
      await gate.main.trusts(shape.anchor);
      await gate.main.changes(shape.anchor, { status: 'DISABLED' });
    });
    it.each(TLS_VERSIONS)('is refused over %s: 5 in MQTT 3.1.1, 0x87 tenant.anchor-disabled at depth 2 in MQTT 5', async (tls) => {
      const [old, current] = await both({ ...callOf(shape), tls });
      expect([old.code, current.code, refusalIn(current.reason), current.tls]).toEqual([5, 0x87, 'tenant.anchor-disabled at depth 2', tls]);
    });
    itWith('paho')('is refused for paho, which hears why', async () => {
      const [heard] = await paho([{ ...callOf(shape), version: 5 }]);
      expect([heard!.code, refusalIn(heard!.reason)]).toEqual([0x87, 'tenant.anchor-disabled at depth 2']);
    });
    it('is refused by explain for the same reason, where it is told that the anchor is disabled', () => {
      expect([explained(shape), explained(shape, 'disabledAnchors')]).toEqual(['admitted', 'tenant.anchor-disabled at depth 2']);
    });
    it('is admitted at once when the anchor is enabled again', async () => {
      await gate.main.changes(shape.anchor, { status: 'ENABLED' });
      expect((await knock({ ...callOf(shape), version: 4 })).code).toBe(0);
    });
  });
});
