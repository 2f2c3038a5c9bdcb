import { beforeEach, describe, expect, it } from '@jest/globals';
import { revocableOf } from '../../src/domain/revocation/revocation.ts';
import type { DeviceSession, SessionEnd } from '../../src/domain/sessions/device-session.ts';
import type { SessionBoard } from '../../src/ports/driven/session-board.ts';
import { aCaCertificate, aCertificate, aDeviceId, aFingerprint, aSession, aTenantId } from '../support/certificate-builders.ts';

/** What every SessionBoard promises. `open` hands over an empty one. */
export function sessionBoardContract(name: string, open: () => SessionBoard): void {
  describe(`${name} keeps the promises of a SessionBoard`, () => {
    const [rootA, rootB] = [aFingerprint('a'), aFingerprint('b')];
    let board: SessionBoard;
    let told: string[];

    /** Puts a session on the board, of a device of its own unless it says otherwise. */
    const opens = (id: string, overrides: Partial<DeviceSession> = {}, then: () => void = () => undefined): DeviceSession => {
      const session = aSession({ id, device: aDeviceId(`device-${id}`), anchors: [rootA], ...overrides });
      board.open(session, (why: SessionEnd) => {
        told.push(`${id} ${why}`);
        then();
      });
      return session;
    };
    const still = (): readonly string[] => ['1', '2', '3', '4'].filter((id) => board.isOpen(id));

    beforeEach(() => {
      board = open();
      told = [];
    });

    it('knows the sessions that are open', () => {
      expect(board.count()).toBe(0);
      opens('1');
      opens('2');
      expect([board.count(), still(), board.isOpen('9')]).toEqual([2, ['1', '2'], false]);
      board.close('1');
      expect([board.count(), still()]).toEqual([1, ['2']]);
      expect(told).toEqual([]);
    });

    it('names the open sessions of one tenant', () => {
      const [first, second] = [opens('1'), opens('2')];
      opens('3', { tenant: aTenantId('other') });
      expect(board.openOf(aTenantId())).toEqual([first, second]);
      board.close('1');
      expect([board.openOf(aTenantId()), board.openOf(aTenantId('none'))]).toEqual([[second], []]);
    });

    it('counts the sessions of each tenant, and knows which devices have one', () => {
      const device = aDeviceId('press-7');
      opens('1', { device });
      opens('2');
      opens('3', { tenant: aTenantId('other'), device });
      opens('4', { device });
      const counts = () => [aTenantId(), aTenantId('other'), aTenantId('none')].map((tenant) => board.countOf(tenant));
      expect(counts()).toEqual([2, 1, 0]);
      expect([board.hasDevice(aTenantId(), device), board.hasDevice(aTenantId('none'), device), board.hasDevice(aTenantId(), aDeviceId('press-8'))]).toEqual([true, false, false]);
      board.close('4');
      board.close('4');
      expect([counts(), board.hasDevice(aTenantId(), device), board.hasDevice(aTenantId('other'), device)]).toEqual([[1, 1, 0], false, true]);
      board.endAll();
      expect(counts()).toEqual([0, 0, 0]);
    });

    it('D-15 ends the former session of a device before open returns, once', () => {
      const device = aDeviceId('press-7');
      opens('1', { device });
      opens('2', { device });
      expect(told).toEqual(['1 taken-over']);
      expect([board.count(), still()]).toEqual([1, ['2']]);
      opens('3', { device });
      expect(told).toEqual(['1 taken-over', '2 taken-over']);
      expect(still()).toEqual(['3']);
    });

    it('M15 ends the one session whose device came to another process, if it is still open', () => {
      opens('1');
      opens('2');
      expect([board.endTaken('1'), board.endTaken('1'), board.endTaken('9')]).toEqual([true, false, false]);
      expect([told, still()]).toEqual([['1 taken-over'], ['2']]);
    });

    it('has the new session on the board when the former one is told', () => {
      const device = aDeviceId('press-7');
      let seen: readonly string[] = [];
      opens('1', { device }, () => {
        seen = still();
      });
      opens('2', { device });
      expect(seen).toEqual(['2']);
    });

    it('leaves the new session open when the former connection closes late', () => {
      const device = aDeviceId('press-7');
      opens('1', { device });
      opens('2', { device });
      board.close('1');
      expect(still()).toEqual(['2']);
      opens('3', { device });
      expect(told).toEqual(['1 taken-over', '2 taken-over']);
    });

    it('keeps devices of one id in two tenants apart, and ids exact', () => {
      const device = aDeviceId('press-7');
      opens('1', { device });
      opens('2', { device, tenant: aTenantId('other') });
      opens('3', { device: aDeviceId('PRESS-7') });
      expect(told).toEqual([]);
      expect(board.endByDevice(aTenantId(), device)).toBe(1);
      expect([told, still()]).toEqual([['1 device-removed'], ['2', '3']]);
      expect(board.endByDevice(aTenantId('other'), device, 'device-blocked')).toBe(1);
      expect([told.at(-1), still()]).toEqual(['2 device-blocked', ['3']]);
    });

    it('ends by anchor: each session of that tenant that was admitted through it, even if by others too', () => {
      opens('1', { anchors: [rootA] });
      opens('2', { anchors: [rootB, rootA] });
      opens('3', { anchors: [rootB] });
      opens('4', { anchors: [rootA], tenant: aTenantId('other') });
      expect(board.endByAnchor(aTenantId(), rootA)).toBe(2);
      expect(told).toEqual(['1 anchor-withdrawn', '2 anchor-withdrawn']);
      expect(still()).toEqual(['3', '4']);
      expect(board.endByAnchor(aTenantId(), rootA)).toBe(0);
    });

    it('ends by certificate: each session of that tenant that has such a one anywhere on its path', () => {
      const [leaf, line] = [aCertificate({ serialNumber: '0a' }), aCaCertificate({ serialNumber: '0b' })];
      opens('1', { path: revocableOf([leaf, line, aCaCertificate()]) });
      opens('2', { path: revocableOf([aCertificate(), line, aCaCertificate()]) });
      opens('3', { path: revocableOf([aCertificate(), line]) });
      opens('4', { path: revocableOf([aCertificate(), line, aCaCertificate()]), tenant: aTenantId('other') });
      expect(board.endByCertificate(aTenantId(), ({ serialNumber }) => serialNumber === '0b')).toBe(2);
      expect([told, still()]).toEqual([['1 certificate-revoked', '2 certificate-revoked'], ['3', '4']]);
    });

    it('ends by rules: each session of that tenant that is against them', () => {
      for (const id of ['1', '2', '3']) opens(id);
      opens('4', { tenant: aTenantId('other') });
      expect(board.endByRules(aTenantId(), ({ id }) => id !== '2')).toBe(2);
      expect([told, still()]).toEqual([['1 rules-not-met', '3 rules-not-met'], ['2', '4']]);
    });

    it('ends by tenant', () => {
      opens('1');
      opens('2', { tenant: aTenantId('other') });
      opens('3');
      expect(board.endByTenant(aTenantId())).toBe(2);
      expect([told, still(), board.count()]).toEqual([['1 tenant-suspended', '3 tenant-suspended'], ['2'], 1]);
    });

    it('ends all', () => {
      opens('1');
      opens('2', { tenant: aTenantId('other') });
      expect(board.endAll()).toBe(2);
      expect([told, board.count()]).toEqual([['1 server-shutting-down', '2 server-shutting-down'], 0]);
      expect(board.endAll()).toBe(0);
    });

    it('tells nobody who closed, and nobody twice', () => {
      opens('1');
      board.close('1');
      board.close('1');
      board.close('never opened');
      opens('2');
      board.endByTenant(aTenantId());
      board.close('2');
      board.endAll();
      expect(told).toEqual(['2 tenant-suspended']);
    });

    it('tells nobody who was closed by one told before, and does not count it', () => {
      opens('1', {}, () => board.close('2'));
      opens('2');
      opens('3');
      expect(board.endAll()).toBe(2);
      expect(told).toEqual(['1 server-shutting-down', '3 server-shutting-down']);
    });

    it('goes on when one that is told throws', () => {
      const throws = (): never => {
        throw new Error('socket gone');
      };
      opens('1', { device: aDeviceId('x') }, throws);
      opens('2', { device: aDeviceId('x') }, throws);
      opens('3');
      expect(board.endAll()).toBe(2);
      expect(told).toEqual(['1 taken-over', '2 server-shutting-down', '3 server-shutting-down']);
      expect(board.count()).toBe(0);
    });

    it('opens a device anew after its session ended or closed, ending nothing', () => {
      const device = aDeviceId('press-7');
      opens('1', { device });
      board.endByDevice(aTenantId(), device);
      opens('2', { device });
      board.close('2');
      opens('3', { device });
      expect([told, still()]).toEqual([['1 device-removed'], ['3']]);
    });
  });
}
