import { type Contender, ROUTED_NAMES } from './proxy.ts';

/** No proxy: the same load straight at the backend, which shows what generator and backend could do by themselves. */
export const direct: Contender = {
  name: 'direct',
  find: () => ({ kind: 'found', version: 'without a proxy' }),
  async start(_session, backends) {
    return {
      name: 'direct',
      target: (service) => ({ port: backends[service], name: ROUTED_NAMES[service] }),
      pids: [],
      stop: async () => {},
    };
  },
};
