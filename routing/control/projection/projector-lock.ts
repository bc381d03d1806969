/**
 * 'weir' in ASCII: the name of the projector's lock among the advisory locks of a database. Whoever writes projections
 * holds it, to the end of the transaction.
 */
export const PROJECTOR_LOCK = 0x77656972;
