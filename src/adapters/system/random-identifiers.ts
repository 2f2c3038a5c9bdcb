import { randomUUID } from 'node:crypto';
import type { Identifiers } from '../../ports/driven/identifiers.ts';

/** Version 4 UUIDs: 122 bits from the operating system (RFC 9562 §5.4). */
export class RandomIdentifiers implements Identifiers {
  next(): string {
    return randomUUID();
  }
}
