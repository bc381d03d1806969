import { direct } from './direct.ts';
import { haproxy, haproxyLog } from './haproxy.ts';
import { nginx } from './nginx.ts';
import { nodePipe } from './node-pipe.ts';
import type { Contender, ProxyName } from './proxy.ts';
import { sniproxy } from './sniproxy.ts';
import { weir, weirNode } from './weir.ts';

/** Every kind of proxy that can be measured. */
export const PROXIES: Readonly<Record<ProxyName, Contender>> = {
  weir,
  'weir-node': weirNode,
  haproxy,
  'haproxy-log': haproxyLog,
  nginx,
  sniproxy,
  'node-pipe': nodePipe,
  direct,
};
