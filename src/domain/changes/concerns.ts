import type { Fingerprint } from '../certificates/certificate.ts';
import { isMeant } from '../revocation/revocation.ts';
import type { AdmittedDevice } from '../sessions/device-session.ts';
import type { ChangeNote } from './change.ts';
import { revokedNameOf } from './revocation-note.ts';

/**
 * Whether a change can have taken from this device what it was let in by: at least every change that would end its session (D-14). What another
 * tenant does to its own takes nothing from it, and must not keep it out.
 */
export function concerns({ tenant, kind, subject }: ChangeNote, { anchors, path, ...whose }: Pick<AdmittedDevice, 'tenant' | 'device' | 'anchors' | 'path'>): boolean {
  const isOwn = tenant === whose.tenant;
  switch (kind) {
    case 'anchor':
      return isOwn && (subject === '' || anchors.includes(subject as Fingerprint));
    case 'device':
      return isOwn && (subject === '' || subject === whose.device);
    case 'revocation': {
      const name = revokedNameOf({ subject });
      return isOwn && (!name || path.some((certificate) => isMeant(name, certificate)));
    }
    case 'tenant':
    case 'option':
    case 'list':
      return isOwn;
    case 'keys':
      return false;
    default:
      return true; // of a newer program
  }
}
