import { BlockList, isIP, isIPv4 } from 'node:net';

/** Addresses that are not of the public Internet: a redirect to one of them would make us speak to our own neighbours (IANA special-purpose registries). */
const NEIGHBOURS: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8], // this host
  ['10.0.0.0', 8],
  ['100.64.0.0', 10], // carriers
  ['127.0.0.0', 8], // loopback
  ['169.254.0.0', 16], // link-local: metadata of clouds
  ['172.16.0.0', 12],
  ['192.0.0.0', 24], // protocol assignments: metadata of some clouds
  ['192.168.0.0', 16],
  ['198.18.0.0', 15], // benchmarks
  ['224.0.0.0', 3], // multicast, reserved, broadcast
];
/** Only global unicast is public; within it, what wraps an IPv4 address is not looked into but refused. */
const NEIGHBOURS_6: readonly (readonly [string, number])[] = [
  ['2001::', 23], // Teredo and other protocol assignments
  ['2001:db8::', 32], // documentation
  ['2002::', 16], // 6to4
];

const blocked = new BlockList();
for (const [net, bits] of NEIGHBOURS) blocked.addSubnet(net, bits, 'ipv4');
for (const [net, bits] of NEIGHBOURS_6) blocked.addSubnet(net, bits, 'ipv6');
const global6 = new BlockList();
global6.addSubnet('2000::', 3, 'ipv6');

/** Whether an address literal is one of the public Internet. */
export const isPublic = (address: string): boolean =>
  isIPv4(address) ? !blocked.check(address, 'ipv4') : isIP(address) === 6 && global6.check(address, 'ipv6') && !blocked.check(address, 'ipv6');

/** Where clouds keep what their machines may know, and nothing that is a server of lists; translated addresses (RFC 6052) say the same. */
const NEVER: readonly (readonly [string, number])[] = [
  ['169.254.0.0', 16],
  ['192.0.0.0', 24],
];
const NEVER_6: readonly (readonly [string, number])[] = [
  ['fe80::', 10],
  ['64:ff9b::a9fe:0', 112],
  ['64:ff9b::c000:0', 120],
];

const never = new BlockList();
for (const [net, bits] of NEVER) never.addSubnet(net, bits, 'ipv4');
for (const [net, bits] of NEVER_6) never.addSubnet(net, bits, 'ipv6');

/** Whether an address literal is link-local or reserved: nobody's server is there, whoever names it. */
export const isNeverSpokenTo = (address: string): boolean => never.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');
