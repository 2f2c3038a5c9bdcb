import type { Endings, Forecast } from '../../../domain/impact/forecast.ts';
import { authorise, MAY_READ, principalOf } from '../authorise.ts';
import { operation, type JsonSchema } from '../openapi/operation.ts';
import { FINGERPRINT, list, record, TEXT, TIME, WHETHER } from '../openapi/schemas.ts';
import type { Routes } from '../route-needs.ts';

const count: JsonSchema = { type: 'integer', minimum: 0 };
const ENDINGS: JsonSchema = {
  title: 'Endings',
  ...record({ count, named: { ...list(record({ fingerprint: FINGERPRINT, subject: TEXT, notAfter: TIME, devices: { ...count, description: 'Devices that came by it last.' } })), maxItems: 20, description: 'The first by their ends.' } }),
};
const COUNTS: JsonSchema = { title: 'EndingCounts', ...record({ leaves: count, intermediates: count, anchors: count }) };
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
      })),
      description: '26 of seven days each, from `at` on.',
    },
    ended: COUNTS,
    later: COUNTS,
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
  summary: 'Forecast which certificates end when',
  description: 'By the last path of each device of the own tenant.',
  answers: { 200: { is: 'The forecast.', body: FORECAST } },
});

/** Ours: what ends when (D-51). */
export const forecastRoutes: Routes = async (app, { forecast }) => {
  app.get('/fleetgate/forecast', { onRequest: [authorise(...MAY_READ)], ...TELL }, async (request) => forecastView(await forecast.of(principalOf(request).tenant)));
};

const forecastView = ({ at, weeks, ended, later, endsBeforeReturn: { devices, unknown, named } }: Forecast): object => ({
  at: at.toISOString(),
  weeks: weeks.map((week) => ({
    from: week.from.toISOString(),
    until: week.until.toISOString(),
    leaves: week.leaves,
    intermediates: endingsView(week.intermediates),
    anchors: endingsView(week.anchors),
    serverCertificate: week.serverCertificate,
  })),
  ended,
  later,
  endsBeforeReturn: { devices, unknown, named: named.map((each) => ({ id: each.device, notAfter: each.notAfter.toISOString(), expected: each.expected.toISOString() })) },
});

const endingsView = ({ count: all, named }: Endings): object => ({
  count: all,
  named: named.map(({ fingerprint, subject, notAfter, devices }) => ({ fingerprint, subject, notAfter: notAfter.toISOString(), devices })),
});
