import { z } from 'zod';
import {
  GROUP,
  KIND,
  LABEL_SELECTOR,
  LISTENER_HOSTNAME,
  METADATA,
  NAMESPACE,
  OBJECT_NAME,
  PORT,
  TEXTS,
} from './kubernetes-schema.ts';

/** The standard's own words, or a domain's; which of them weir serves is for the status to say. */
const PROTOCOL_FORM =
  /^([a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?|[a-z0-9]([-.a-z0-9]*[a-z0-9])?\/[A-Za-z0-9]+)$/;

const NAMESPACES_FROM = z
  .strictObject({
    from: z.enum(['Same', 'All', 'Selector']).optional(),
    selector: LABEL_SELECTOR.optional(),
  })
  .superRefine(({ from, selector }, context) => {
    if (from !== 'Selector' || selector !== undefined) return;
    context.addIssue({ code: 'custom', path: ['selector'], message: 'is required with from: Selector' });
  });

const ALLOWED_ROUTES = z.strictObject({
  namespaces: NAMESPACES_FROM.optional(),
  kinds: z
    .array(z.strictObject({ group: GROUP.optional(), kind: KIND }))
    .max(8)
    .optional(),
});
/** Which routes may attach to a listener. */
export type AllowedRoutes = z.output<typeof ALLOWED_ROUTES>;

const LISTENER = z
  .strictObject({
    name: OBJECT_NAME,
    hostname: LISTENER_HOSTNAME.optional(),
    port: PORT,
    protocol: z
      .string()
      .max(255)
      .regex(PROTOCOL_FORM, 'must be a word like TLS, or one like example.com/word'),
    tls: z
      .strictObject({
        mode: z.enum(['Terminate', 'Passthrough']).optional(),
        certificateRefs: z
          .array(
            z.strictObject({
              group: GROUP.optional(),
              kind: KIND.optional(),
              name: OBJECT_NAME,
              namespace: NAMESPACE.optional(),
            }),
          )
          .max(64)
          .optional(),
        options: z.record(z.string(), z.string()).optional(),
      })
      .optional(),
    allowedRoutes: ALLOWED_ROUTES.optional(),
  })
  .superRefine(({ protocol, tls, hostname }, context) => {
    const name = protocol.toUpperCase();
    if (tls !== undefined && ['HTTP', 'TCP', 'UDP'].includes(name)) {
      context.addIssue({ code: 'custom', path: ['tls'], message: `must not be there with protocol ${name}` });
    }
    if (hostname && ['TCP', 'UDP'].includes(name)) {
      const message = `must not be there with protocol ${name}, which knows no names`;
      context.addIssue({ code: 'custom', path: ['hostname'], message });
    }
  });

/** One listener as its Gateway's document has it. */
export type ListenerSpec = z.output<typeof LISTENER>;

/**
 * A Gateway with the fields of the standard channel. Those that weir cannot honour are here too: their status says so.
 */
export const GATEWAY = z.strictObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: METADATA,
  spec: z.strictObject({
    gatewayClassName: OBJECT_NAME,
    listeners: z
      .array(LISTENER)
      .min(1)
      .max(64)
      .superRefine((listeners, context) => {
        const names = listeners.map(({ name }) => name);
        for (const [index, name] of names.entries()) {
          const first = names.indexOf(name);
          if (first === index) continue;
          const message = `is the name of listeners[${first}] already`;
          context.addIssue({ code: 'custom', path: [index, 'name'], message });
        }
      }),
    addresses: z
      .array(z.strictObject({ type: z.string().min(1).optional(), value: z.string().max(253).optional() }))
      .max(16)
      .optional(),
    infrastructure: z
      .strictObject({
        labels: TEXTS,
        annotations: TEXTS,
        parametersRef: z.strictObject({ group: GROUP, kind: KIND, name: z.string().min(1) }).optional(),
      })
      .optional(),
    allowedListeners: z
      .strictObject({
        namespaces: z
          .strictObject({
            from: z.enum(['None', 'Same', 'All', 'Selector']).optional(),
            selector: LABEL_SELECTOR.optional(),
          })
          .optional(),
      })
      .optional(),
    // Refused as a whole, so that what is inside does not matter.
    tls: z.record(z.string(), z.unknown()).optional(),
  }),
  status: z.unknown().optional(),
});
export type GatewayObject = z.output<typeof GATEWAY>;
