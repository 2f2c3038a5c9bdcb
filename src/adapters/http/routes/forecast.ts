import type { Endings, Forecast, Week } from '../../../domain/impact/forecast.ts';
import { authorise, MAY_READ, principalOf } from '../authorise.ts';
import { operation, type JsonSchema } from '../openapi/operation.ts';
import { FINGERPRINT, list, record, TEXT, TIME, WHETHER } from '../openapi/schemas.ts';
import type { Routes } from '../route-needs.ts';

const count: JsonSchema = { type: 'integer', minimum: 0 };
const ENDINGS: JsonSchema = {
  title: 'Endings',
  ...record({ count, named: { ...list(record({ fingerprint: FINGERPRINT, subject: TEXT, notAfter: TIME, devices: { ...count, description: 'Devices that came by it last.' } })), maxItems: 20, description: 'The first by their ends.' } }),
};
const LISTS: JsonSchema = {
  title: 'ListEndings',
  ...record({ count, named: { ...list(record({ id: TEXT, anchor: FINGERPRINT, issuer: TEXT, nextUpdate: TIME })), maxItems: 20, description: 'The first by their ends.' } }),
};
const COUNTS: JsonSchema = { title: 'EndingCounts', ...record({ leaves: count, intermediates: count, anchors: count, lists: count }) };
const KEY: JsonSchema = { title: 'TokenKey', ...record({ id: TEXT, madeAt: TIME, checksUntil: { ...TIME, description: 'Only where a rotation gave it an end.' } }, { optional: ['checksUntil'] }) };
const FORECAST: JsonSchema = {
  title: 'Forecast',
  ...record({
    at: TIME,
    weeks: {
      ...list(record({
        ...{ from: TIME, until: TIME },
        leaves: { ...count, description: 'Certificates with which devices came last.' },
        ...{ intermediates: ENDINGS, anchors: ENDINGS },
        serverCertificate: { ...WHETHER, description: 'Whether the certificate of the server ends.' },
        lists: LISTS,
        signingKeys: { ...count, description: 'Former keys of the instance that stop checking tokens.' },
      })),
      description: '26 of seven days each, from `at` on.',
    },
    ended: COUNTS,
    later: COUNTS,
    signingKeys: { ...list(KEY), description: 'The keys of the instance for tokens; the first one signs.' },
    endsBeforeReturn: {
      ...record({
        devices: count,
        unknown: { ...count, description: 'Devices away that were seen on one day only.' },
        named: { ...list(record({ id: TEXT, notAfter: TIME, expected: TIME })), maxItems: 20, description: 'The first by the ends of their certificates.' },
      }),
      description: 'Devices away whose certificate will have ended when they come as they use to: as long after the last visit as that was after the one before.',
    },
  }),
};

const TELL = operation({
  tag: 'Trust',
  summary: 'Forecast which certificates, revocation lists and keys end when',
  description: 'By the last path of each device of the own tenant.',
  answers: { 200: { is: 'The forecast.', body: FORECAST } },
});

/** Ours: what ends when (D-51). */
export const forecastRoutes: Routes = async (app, { forecast }) => {
  app.get('/fleetgate/forecast', { onRequest: [authorise(...MAY_READ)], ...TELL }, async (request) => forecastView(await forecast.of(principalOf(request).tenant)));
};

const forecastView = ({ at, weeks, ended, later, signingKeys, endsBeforeReturn: { devices, unknown, named } }: Forecast): object => ({
  at: at.toISOString(),
  weeks: weeks.map(weekView),
  ended,
  later,
  signingKeys: signingKeys.map(({ id, madeAt, checksUntil }) => ({ id, madeAt: madeAt.toISOString(), ...(checksUntil && { checksUntil: checksUntil.toISOString() }) })),
  endsBeforeReturn: { devices, unknown, named: named.map((each) => ({ id: each.device, notAfter: each.notAfter.toISOString(), expected: each.expected.toISOString() })) },
});

const weekView = ({ from, until, leaves, intermediates, anchors, serverCertificate, lists, signingKeys }: Week): object => ({
  ...{ from: from.toISOString(), until: until.toISOString(), leaves },
  ...{ intermediates: endingsView(intermediates), anchors: endingsView(anchors), serverCertificate },
  lists: { count: lists.count, named: lists.named.map(({ id, anchor, issuer, nextUpdate }) => ({ id, anchor, issuer, nextUpdate: nextUpdate.toISOString() })) },
  signingKeys,
});

const endingsView = ({ count: all, named }: Endings): object => ({
  count: all,
  named: named.map(({ fingerprint, subject, notAfter, devices }) => ({ fingerprint, subject, notAfter: notAfter.toISOString(), devices })),
});
