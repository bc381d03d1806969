import { z } from 'zod';
import { PROXY_PROTOCOLS } from '../../model/route.ts';
import { GROUP, HOSTNAME, KIND, METADATA, NAMESPACE, OBJECT_NAME, PORT } from './kubernetes-schema.ts';

/** The annotation of a route that says what goes to the backend first: `none` or `v2`. */
export const PROXY_PROTOCOL_ANNOTATION = 'weir/proxy-protocol';

const PARENT_REF = z.strictObject({
  group: GROUP.optional(),
  kind: KIND.optional(),
  namespace: NAMESPACE.optional(),
  name: OBJECT_NAME,
  sectionName: OBJECT_NAME.optional(),
  port: PORT.optional(),
});
export type ParentRef = z.output<typeof PARENT_REF>;

const BACKEND_REF = z.strictObject({
  group: GROUP.optional(),
  kind: KIND.optional(),
  namespace: NAMESPACE.optional(),
  name: OBJECT_NAME,
  port: PORT.optional(),
  weight: z.int().min(0).max(1_000_000).optional(),
});
export type BackendRef = z.output<typeof BACKEND_REF>;

const RULE = z.strictObject({
  name: OBJECT_NAME.optional(),
  backendRefs: z.array(BACKEND_REF).min(1).max(16),
});

const PARENT_REFS = z.array(PARENT_REF).max(32).superRefine(requireDistinct).optional();

const ROUTE_METADATA = METADATA.superRefine(({ annotations }, context) => {
  for (const [name, value] of Object.entries(annotations ?? {})) {
    if (!name.startsWith('weir/')) continue;
    const path = ['annotations', name];
    if (name !== PROXY_PROTOCOL_ANNOTATION) {
      const message = `is not known; the only annotation of weir's own is ${PROXY_PROTOCOL_ANNOTATION}`;
      context.addIssue({ code: 'custom', path, message });
    } else if (!PROXY_PROTOCOLS.some((known) => known === value)) {
      context.addIssue({ code: 'custom', path, message: `must be ${PROXY_PROTOCOLS.join(' or ')}` });
    }
  }
});

/** A TCPRoute: `v1`, which has exactly one rule, and `v1alpha2`, which may have more. */
export const TCP_ROUTE = {
  v1: routeSchema({ parentRefs: PARENT_REFS, rules: rules(1) }),
  v1alpha2: routeSchema({ parentRefs: PARENT_REFS, rules: rules(16) }),
};

/** A TLSRoute: hostnames are required since `v1alpha3`, and `v1` has exactly one rule. */
export const TLS_ROUTE = {
  v1: routeSchema({ parentRefs: PARENT_REFS, hostnames: hostnames(1), rules: rules(1) }),
  v1alpha3: routeSchema({ parentRefs: PARENT_REFS, hostnames: hostnames(1), rules: rules(16) }),
  v1alpha2: routeSchema({ parentRefs: PARENT_REFS, hostnames: hostnames(0).optional(), rules: rules(16) }),
};

function routeSchema<Spec extends z.core.$ZodLooseShape>(spec: Spec) {
  return z.strictObject({
    apiVersion: z.string(),
    kind: z.string(),
    metadata: ROUTE_METADATA,
    spec: z.strictObject(spec),
    status: z.unknown().optional(),
  });
}

/** 4,096 is what the largest of the released definitions takes. */
function hostnames(least: number) {
  return z.array(HOSTNAME).min(least).max(4096);
}

function rules(most: number) {
  return z.array(RULE).min(1).max(most);
}

/** References to one object have to tell its parts apart, and all by the same fields. */
function requireDistinct(refs: readonly ParentRef[], context: z.RefinementCtx): void {
  for (const [index, ref] of refs.entries()) {
    for (const [earlier, other] of refs.slice(0, index).entries()) {
      if (objectOf(ref) !== objectOf(other)) continue;
      if (fieldsOf(ref) !== fieldsOf(other)) {
        const message = `names the parent of parentRefs[${earlier}]; both have to set the same ones of sectionName and port`;
        context.addIssue({ code: 'custom', path: [index], message });
      } else if (ref.sectionName === other.sectionName && ref.port === other.port) {
        const message = `names the same as parentRefs[${earlier}]; tell them apart by sectionName or port`;
        context.addIssue({ code: 'custom', path: [index], message });
      }
    }
  }
}

function objectOf({ group, kind, namespace, name }: ParentRef): string {
  return JSON.stringify([group, kind, namespace, name]);
}

function fieldsOf({ sectionName, port }: ParentRef): string {
  return `${sectionName === undefined} ${port === undefined}`;
}
