/** A name under which a port can be asked for. The type rides along; at run time it is a symbol. */
export type Token<T> = symbol & { readonly __provides?: T };

export const token = <T>(name: string): Token<T> => Symbol(name);
