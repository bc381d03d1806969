import type { FuzzTarget } from './target.ts';
import { clientHelloTarget } from './targets/client-hello.ts';
import { httpHeadTarget } from './targets/http-head.ts';
import { httpsRedirectTarget } from './targets/https-redirect.ts';
import { ipTarget } from './targets/ip.ts';
import { proxyHeaderTarget } from './targets/proxy-header.ts';

/** Every parser of `edge/wire`, and what writes a client's words into an answer. */
export async function loadTargets(): Promise<readonly FuzzTarget[]> {
  return Promise.all([
    clientHelloTarget(),
    httpHeadTarget(),
    httpsRedirectTarget(),
    ipTarget(),
    proxyHeaderTarget(),
  ]);
}
