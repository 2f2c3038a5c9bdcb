/** `::ffff:192.0.2.1`, as a dual-stack socket names an IPv4 peer, is written as the IPv4 address it is. */
export const plainAddress = (address: string): string => address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '');
