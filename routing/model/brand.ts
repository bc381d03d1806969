declare const brand: unique symbol;

/** A value that only its parser may make: `Brand<string, 'Hostname'>` is not assignable from a plain string. */
export type Brand<Value, Name extends string> = Value & { readonly [brand]: Name };
