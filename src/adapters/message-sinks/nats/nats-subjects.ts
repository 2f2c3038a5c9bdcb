import { createHash } from 'node:crypto';
import type { Addressee } from '../../../ports/driven/device-inboxes.ts';

/** Where messages of devices go, and where messages for them come from. No device's message ever begins with the second. */
export const UPSTREAM = 'fleetgate';
export const DOWNSTREAM = 'fleetgate-down';

/** A NATS server closes the connection of whoever sends a line of more than 4096 bytes: one long topic would cut off all devices. */
const LONGEST_TOKEN = 200;
const LONGEST_TOPIC = 400;
const MOST_LEVELS = 16;

/** `fleetgate.<tenant>.<device>.<levels of the topic>` */
export const upstreamSubject = ({ tenant, device, topic }: Addressee & { readonly topic: string }): string =>
  [UPSTREAM, tokenOf(tenant), tokenOf(device), topicTokens(topic)].join('.');

/** `fleetgate-down.<tenant>.<device>.>`: every topic of one device. */
export const inboxSubject = ({ tenant, device }: Addressee): string => [DOWNSTREAM, tokenOf(tenant), tokenOf(device), '>'].join('.');

/** The topic in a subject of an inbox; undefined where it is none of our making. */
export function topicOf(subject: string): string | undefined {
  const levels = subject.split('.').slice(3).map(textOf);
  return levels.length > 0 && levels.every((level) => level !== undefined) ? levels.join('/') : undefined;
}

/**
 * One token of a subject for any text, and for no two texts the same: A–Z, a–z, 0–9, `-` and `_` stand for themselves, every other byte of
 * the UTF-8 is `%` and two digits. So no id has the `.`, `*` or `>` by which it would reach into another's subjects. A lone `%` is no
 * text at all, and `%-` with a SHA-256 stands for a text that would be too long.
 */
export function tokenOf(text: string): string {
  if (text === '') return '%';
  const token = text.replaceAll(/[^A-Za-z0-9_-]/gu, (one) => [...Buffer.from(one)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''));
  return token.length > LONGEST_TOKEN ? digestOf(text) : token;
}

function topicTokens(topic: string): string {
  const levels = topic.split('/');
  const tokens = levels.length > MOST_LEVELS ? '' : levels.map(tokenOf).join('.');
  return tokens === '' || tokens.length > LONGEST_TOPIC ? digestOf(topic) : tokens;
}

const digestOf = (text: string): string => `%-${createHash('sha256').update(text).digest('hex')}`;

/** What a token was made of; undefined for a digest, and for tokens that `tokenOf` does not make. */
function textOf(token: string): string | undefined {
  if (token === '%') return '';
  if (!/^(?:[A-Za-z0-9_-]|%[0-9A-F]{2})+$/.test(token)) return undefined;
  const text = Buffer.from(token.replaceAll(/%(..)/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 16))), 'latin1').toString('utf8');
  return tokenOf(text) === token ? text : undefined;
}
