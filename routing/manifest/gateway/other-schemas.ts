import { z } from 'zod';
import { GROUP, KIND, METADATA, NAMESPACE, OBJECT_NAME } from './kubernetes-schema.ts';

/** A Namespace of Kubernetes' core: taken for its labels alone. */
export const NAMESPACE_OBJECT = z.strictObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: METADATA,
  spec: z.strictObject({ finalizers: z.array(z.string()).optional() }).optional(),
  status: z.unknown().optional(),
});

/** A ReferenceGrant: checked, so that a file with one is no surprise, and without effect. */
export const REFERENCE_GRANT = z.strictObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: METADATA,
  spec: z.strictObject({
    from: z
      .array(z.strictObject({ group: GROUP, kind: KIND, namespace: NAMESPACE }))
      .min(1)
      .max(16),
    to: z
      .array(z.strictObject({ group: GROUP, kind: KIND, name: OBJECT_NAME.optional() }))
      .min(1)
      .max(16),
  }),
  status: z.unknown().optional(),
});

/** A GatewayClass: its `spec` belongs to the controller that it names, and every Gateway that is applied is weir's. */
export const GATEWAY_CLASS = z.strictObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: METADATA,
  spec: z.strictObject({
    controllerName: z.string().min(1),
    parametersRef: z.unknown().optional(),
    description: z.string().optional(),
  }),
  status: z.unknown().optional(),
});
