/**
 * kubeadm.k8s.io/v1beta4, the fields that the documents may set. As with kubeadm, an unknown field is an error.
 * https://kubernetes.io/docs/reference/config-api/kubeadm-config.v1beta4/
 */
import { z } from 'zod';

const apiVersion = z.literal('kubeadm.k8s.io/v1beta4');
const duration = z.string().regex(/^(?:\d+h)?(?:\d+m)?(?:\d+(?:\.\d+)?s)?$/, 'must be a duration such as 2m0s');
const cidr = z.string().regex(/^\d+(?:\.\d+){3}\/\d+$/, 'must be an IPv4 CIDR');
const argumentList = z.array(z.strictObject({ name: z.string().min(1), value: z.string() }));

const component = z.strictObject({ extraArgs: argumentList.optional() });

const timeouts = z.strictObject({
  controlPlaneComponentHealthCheck: duration.optional(),
  kubeletHealthCheck: duration.optional(),
  kubernetesAPICall: duration.optional(),
  etcdAPICall: duration.optional(),
  tlsBootstrap: duration.optional(),
  discovery: duration.optional(),
  upgradeManifests: duration.optional(),
});

const nodeRegistration = z.strictObject({
  name: z.string().min(1),
  criSocket: z.string().startsWith('unix://').optional(),
  kubeletExtraArgs: argumentList.optional(),
});

export const clusterConfiguration = z.strictObject({
  apiVersion,
  kind: z.literal('ClusterConfiguration'),
  clusterName: z.string().optional(),
  kubernetesVersion: z
    .string()
    .regex(/^v\d+\.\d+\.\d+$/, 'must be a version such as v1.36.3')
    .optional(),
  controlPlaneEndpoint: z.string().optional(),
  networking: z
    .strictObject({ podSubnet: cidr.optional(), serviceSubnet: cidr.optional(), dnsDomain: z.string().optional() })
    .optional(),
  apiServer: component.extend({ certSANs: z.array(z.string()).optional() }).optional(),
  controllerManager: component.optional(),
  scheduler: component.optional(),
});

export const initConfiguration = z.strictObject({
  apiVersion,
  kind: z.literal('InitConfiguration'),
  bootstrapTokens: z
    .array(
      z.strictObject({
        token: z.string().optional(),
        description: z.string().optional(),
        ttl: duration.optional(),
        usages: z.array(z.string()).optional(),
        groups: z.array(z.string()).optional(),
      }),
    )
    .optional(),
  localAPIEndpoint: z.strictObject({ advertiseAddress: z.ipv4(), bindPort: z.int().optional() }).optional(),
  nodeRegistration,
  timeouts: timeouts.optional(),
});

export const joinConfiguration = z.strictObject({
  apiVersion,
  kind: z.literal('JoinConfiguration'),
  discovery: z.strictObject({
    bootstrapToken: z.strictObject({
      apiServerEndpoint: z.string().regex(/^[^:]+:\d+$/, 'must be host:port'),
      token: z.string().regex(/^[a-z0-9]{6}\.[a-z0-9]{16}$/, 'must be a bootstrap token'),
      caCertHashes: z.array(z.string().regex(/^sha256:[0-9a-f]{64}$/, 'must be sha256:<64 hex digits>')).min(1),
    }),
  }),
  nodeRegistration,
  timeouts: timeouts.optional(),
});

/** kubelet.config.k8s.io/v1beta1, the fields that init-control-plane sets. */
export const kubeletConfiguration = z.strictObject({
  apiVersion: z.literal('kubelet.config.k8s.io/v1beta1'),
  kind: z.literal('KubeletConfiguration'),
  cgroupDriver: z.literal('systemd'),
  failCgroupV1: z.boolean(),
  shutdownGracePeriod: duration,
  shutdownGracePeriodCriticalPods: duration,
  containerLogMaxSize: z.string(),
  containerLogMaxFiles: z.int(),
  serializeImagePulls: z.boolean(),
  maxParallelImagePulls: z.int(),
  kubeReserved: z.record(z.string(), z.string()),
  systemReserved: z.record(z.string(), z.string()),
  tlsMinVersion: z.string(),
});

export type ClusterConfiguration = z.infer<typeof clusterConfiguration>;
export type InitConfiguration = z.infer<typeof initConfiguration>;
export type JoinConfiguration = z.infer<typeof joinConfiguration>;
