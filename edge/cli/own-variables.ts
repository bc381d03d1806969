/** `WEIR_…` variables that the command line reads itself and that are no keys of the configuration. */
export const OWN_VARIABLES: readonly string[] = ['WEIR_CONFIG', 'WEIR_RESOLVER'];
