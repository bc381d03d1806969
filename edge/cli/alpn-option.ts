/** The option of whatever names a route: of one name there may be several. */
export const ALPN_OPTION = '--alpn <protocol>';

/** What the option says of itself where a route is named that is there. */
export const ALPN_HELP = 'the route of this name for clients that offer this ALPN protocol';
