import { z } from 'zod';
import { type HostPattern, parseHostPattern } from '../../model/hostname.ts';

/** A Kubernetes object's name: an RFC 1123 subdomain. */
export const OBJECT_NAME = z
  .string()
  .max(253)
  .regex(
    /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
    'must be a-z, 0-9, "-" and ".", with a letter or digit at both ends of each part',
  );

/** A namespace: an RFC 1123 label. */
export const NAMESPACE = z
  .string()
  .max(63)
  .regex(
    /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/,
    'must be a-z, 0-9 and "-", with a letter or digit first and last',
  );

/** An API group; empty is Kubernetes' core. */
export const GROUP = z
  .string()
  .max(253)
  .regex(
    /^$|^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
    'must be empty or a name like gateway.networking.k8s.io',
  );

/** A kind of object. */
export const KIND = z
  .string()
  .max(63)
  .regex(/^[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?$/, 'must be a word like Service');

/** A TCP port. */
export const PORT = z.int().min(1).max(65535);

/** Labels or annotations; tools write null for none. */
export const TEXTS = z.record(z.string(), z.string()).nullish();

/** What Kubernetes lets an object have beside its `spec`, as `kubectl get -o yaml` writes it. */
export const METADATA = z.strictObject({
  name: OBJECT_NAME,
  namespace: NAMESPACE.optional(),
  labels: TEXTS,
  annotations: TEXTS,
  creationTimestamp: z.iso
    .datetime({ offset: true, error: 'must be a time like 2026-01-31T12:00:00Z' })
    .nullish(),
  generateName: z.string().optional(),
  generation: z.number().optional(),
  uid: z.string().optional(),
  resourceVersion: z.string().optional(),
  selfLink: z.string().optional(),
  finalizers: z.array(z.string()).optional(),
  ownerReferences: z.array(z.unknown()).optional(),
  managedFields: z.array(z.unknown()).optional(),
  deletionTimestamp: z.string().nullish(),
  deletionGracePeriodSeconds: z.number().nullish(),
});

/**
 * A hostname of the Gateway API: lower case, a wildcard as the whole first label and nowhere else, no address.
 *
 * Narrower than weir's own routes, which take capitals, underscores and U-labels too.
 */
export const HOSTNAME = z.string().transform(toPattern);

/** A listener's hostname; empty means the same as absent. */
export const LISTENER_HOSTNAME = z
  .string()
  .transform((text, context) => (text === '' ? null : toPattern(text, context)));

/** `matchLabels` and `matchExpressions`, all of which have to hold. */
export const LABEL_SELECTOR = z.strictObject({
  matchLabels: z.record(z.string(), z.string()).optional(),
  matchExpressions: z
    .array(
      z
        .strictObject({
          key: z.string().min(1),
          operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']),
          values: z.array(z.string()).optional(),
        })
        .superRefine(({ operator, values = [] }, context) => {
          const isList = operator === 'In' || operator === 'NotIn';
          if (isList === values.length > 0) return;
          const message = isList ? `is required with ${operator}` : `must not be there with ${operator}`;
          context.addIssue({ code: 'custom', path: ['values'], message });
        }),
    )
    .optional(),
});
export type LabelSelector = z.output<typeof LABEL_SELECTOR>;

const HOSTNAME_FORM = /^(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

function toPattern(text: string, context: z.RefinementCtx): HostPattern {
  if (!HOSTNAME_FORM.test(text)) {
    const message = 'must be a name in lower case like www.example.com, or "*." and a name';
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  }
  const pattern = parseHostPattern(text);
  if (pattern.kind === 'ok') return pattern.value;
  context.addIssue({ code: 'custom', message: pattern.problem });
  return z.NEVER;
}
