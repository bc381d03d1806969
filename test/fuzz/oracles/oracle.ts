/** What another parser makes of the first bytes of a client. */
export type OracleAnswer =
  /** `undefined` where it does not say. */
  | {
      readonly kind: 'hello';
      readonly serverName: string | null | undefined;
      readonly alpn: readonly string[] | undefined;
    }
  /** It does not take them; `code` is its word for why. */
  | { readonly kind: 'refused'; readonly code: string };

export interface Oracle {
  ask(bytes: Buffer): Promise<OracleAnswer>;
  /** How it spells a name or protocol, given with one character for each of its bytes. */
  spelledName(name: string): string;
  spelledProtocol(protocol: string): string;
  close(): void;
}
