import type { ListRule, StoredList } from '../../domain/revocation/stored-list.ts';

/** A list in force, as the API shows it. Numbers may be larger than those of JSON: they are texts. */
export const revocationListView = (list: StoredList): object => ({
  id: list.id,
  fingerprint: list.anchor,
  issuer: list.issuerText,
  thisUpdate: list.thisUpdate.toISOString(),
  nextUpdate: list.nextUpdate.toISOString(),
  entries: list.entries,
  ...(list.number !== undefined && { number: list.number.toString() }),
  ...(list.deltaOf !== undefined && { deltaOf: list.deltaOf.toString() }),
  only: list.scope.only,
  ...(list.scope.points && { points: list.scope.points }),
  from: list.from,
  added: list.addedAt.toISOString(),
});

export const ruleView = ({ anchor, urls, acceptHours, refuseHours, missing }: ListRule): object => ({ fingerprint: anchor, urls, acceptHours, refuseHours, missing });
