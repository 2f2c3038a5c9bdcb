import type { IdentityRefusalCode } from '../refusals/codes.ts';
import { grant, refuse, type Decision } from '../shared/decision.ts';
import type { RefusalOf } from '../shared/refusal-of.ts';
import type { DeviceId } from './device-identity.ts';

/** D-8, in Unicode code points. */
const LONGEST_ID = 254;

/**
 * What would make an id part of a topic, a path or a client id (`/ \ $ : + #`), or make two ids look alike: white space, control and
 * format characters (bidirectional overrides, zero-width ones), lone surrogates, and U+FFFD, into which decoders turn what they cannot read.
 */
const FORBIDDEN = /[/\\$:+#\uFFFD\p{White_Space}\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Zs}]/u;

/** Reads a device id as a certificate's common name or a bulk file gives it. Nothing is repaired (D-17). */
export function parseDeviceId(text: string): Decision<DeviceId, RefusalOf<IdentityRefusalCode>> {
  // UTF-16 length bounds the work before code points are counted.
  const length = text.length > 2 * LONGEST_ID ? text.length : [...text].length;
  if (length < 1 || length > LONGEST_ID) return refuse({ code: 'identity.length', evidence: { characters: length } });
  const forbidden = FORBIDDEN.exec(text);
  if (forbidden) {
    const codePoint = text.codePointAt(forbidden.index) ?? 0;
    const name = `U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}`;
    return refuse({ code: 'identity.forbidden-character', evidence: { character: name, at: forbidden.index } });
  }
  if (text.normalize('NFC') !== text) return refuse({ code: 'identity.not-normalised' });
  return grant(text as DeviceId);
}
