import type { Certificate } from '../certificates/certificate.ts';
import { WANTED_FOR_MS, type AskedCertificate, type NotedCertificate, type ResponderRule } from '../revocation/responder-answer.ts';
import type { DeviceSession } from '../sessions/device-session.ts';
import type { DeviceId } from '../identity/device-identity.ts';
import type { Pause } from '../../ports/driven/pause.ts';
import type { ResponderAnswers } from '../../ports/driven/responder-answers.ts';
import type { SeenCertificates } from '../../ports/driven/seen-certificates.ts';
import type { SeenPath, SeenPaths } from '../../ports/driven/seen-paths.ts';
import type { SessionBoard } from '../../ports/driven/session-board.ts';
import type { TrustAnchorStore } from '../../ports/driven/trust-anchor-store.ts';

export interface NoteSeenNeeds {
  readonly answers: ResponderAnswers;
  readonly anchors: TrustAnchorStore;
  readonly sessions: SessionBoard;
  readonly paths: SeenPaths;
  readonly seen: SeenCertificates;
  readonly pause: Pause;
}

/** Devices looked at between two turns of everybody else. */
const PAGE = 200;

/** Notes the certificates of a rule's CA that came before the rule: first of devices that are online, then of those that were here lately. */
export async function noteSeen(needs: NoteSeenNeeds, rule: ResponderRule, at: Date): Promise<void> {
  const anchor = (await needs.anchors.find(rule.tenant, rule.anchor))?.certificate;
  if (!anchor) return;
  await noteSessions(needs, rule, anchor, at);
  for (let after: DeviceId | undefined; ; ) {
    const page = await needs.paths.listOf(rule.tenant, after, PAGE);
    const asked: NotedCertificate[] = [];
    for (const path of page) asked.push(...(await seenBelow(needs, rule, path, at)));
    if (asked.length > 0) await needs.answers.note(asked, at);
    after = page.at(-1)?.device;
    if (page.length < PAGE) return;
    await needs.pause();
  }
}

async function noteSessions({ sessions, answers, pause }: NoteSeenNeeds, rule: ResponderRule, anchor: Certificate, at: Date): Promise<void> {
  const all = sessions.openOf(rule.tenant).filter(({ anchors }) => anchors.includes(rule.anchor));
  for (let from = 0; from < all.length; from += PAGE) {
    const asked = all.slice(from, from + PAGE).flatMap((session) => askedOf(session, rule, anchor));
    if (asked.length > 0) await answers.note(asked.slice(0, MOST_NOTED).map((each) => ({ ...each, wantedUntil: wantedFrom(at) })), at);
    await pause();
  }
}

/** As much as one write takes; what is left out of very long paths comes with the next connection. */
const MOST_NOTED = 1_000;

function askedOf({ path, notAfter }: DeviceSession, { tenant, anchor: end }: ResponderRule, anchor: Certificate): readonly AskedCertificate[] {
  return path.flatMap(({ serialNumber, issuer, fingerprint }, depth): readonly AskedCertificate[] => {
    // A session rests on one path, and may know anchors of others: this one issued the topmost of it, or does not belong to it.
    const issuedBy = path[depth + 1]?.fingerprint ?? (issuer === anchor.subject.key ? end : '');
    return issuer === '' || fingerprint === '' || issuedBy === '' ? [] : [{ tenant, anchor: end, serialNumber, issuer, fingerprint, issuedBy, notAfter }];
  });
}

async function seenBelow({ seen }: NoteSeenNeeds, { tenant, anchor }: ResponderRule, { device, thumbprint, ways, notAfter, lastSeen }: SeenPath, at: Date): Promise<readonly NotedCertificate[]> {
  const way = ways.find((it) => it.anchor === anchor);
  if (!way || notAfter <= at || wantedFrom(lastSeen) <= at) return [];
  const certificate = (await seen.of(tenant, device)).find((it) => it.thumbprint === thumbprint);
  if (!certificate || certificate.fingerprint === '' || certificate.issuer === '') return [];
  const { serialNumber, issuer, fingerprint } = certificate;
  const issuedBy = way.intermediates[0]?.fingerprint ?? anchor;
  return [{ tenant, anchor, serialNumber, issuer, fingerprint, issuedBy, notAfter, wantedUntil: wantedFrom(lastSeen) }];
}

const wantedFrom = (seen: Date): Date => new Date(seen.getTime() + WANTED_FOR_MS);
