/**
 * The kinds that the twin's components work with, as the API server returns them: `spec` is always there, and so are the
 * fields that its defaulting fills (apiserver/admission/defaults.ts).
 */
import type {
  CoreV1Event,
  PodMetric,
  V1APIService,
  V1ClusterRole,
  V1ConfigMap,
  V1Container,
  V1ContainerState,
  V1ContainerStatus,
  V1CustomResourceDefinition,
  V1DaemonSet,
  V1DaemonSetSpec,
  V1Deployment,
  V1DeploymentSpec,
  V1EndpointSlice,
  V1Endpoints,
  V1EnvFromSource,
  V1EnvVar,
  V1Ingress,
  V1LabelSelector,
  V1Lease,
  V1LeaseSpec,
  V1Namespace,
  V1NamespaceSpec,
  V1NetworkPolicy,
  V1Node,
  V1NodeSpec,
  V1PersistentVolumeClaim,
  V1PersistentVolumeClaimSpec,
  V1Pod,
  V1PodDisruptionBudget,
  V1PodDisruptionBudgetSpec,
  V1PodSpec,
  V1PodTemplateSpec,
  V1PolicyRule,
  V1PriorityClass,
  V1Probe,
  V1ReplicaSet,
  V1ReplicaSetSpec,
  V1Role,
  V1RoleBinding,
  V1Secret,
  V1SelfSubjectAccessReview,
  V1Service,
  V1ServiceAccount,
  V1ServiceSpec,
  V1StatefulSet,
  V1StatefulSetSpec,
  V1Taint,
  V1Toleration,
  V1Volume,
  V1VolumeProjection,
  V2HorizontalPodAutoscaler,
  V2HorizontalPodAutoscalerSpec,
  V2MetricSpec,
  V2MetricStatus,
} from '@kubernetes/client-node';
import type { Stored } from './object.ts';
import type { Filled, Refined, Wire } from './wire.ts';

export type ContainerState = Wire<V1ContainerState>;
export type ContainerStatus = Wire<V1ContainerStatus>;
export type Probe = Filled<V1Probe, 'timeoutSeconds' | 'periodSeconds' | 'successThreshold' | 'failureThreshold'>;
export type Container = Refined<
  Wire<V1Container>,
  { livenessProbe?: Probe; readinessProbe?: Probe; startupProbe?: Probe }
>;
export type Volume = Wire<V1Volume>;
export type VolumeProjection = Wire<V1VolumeProjection>;
export type EnvFromSource = Wire<V1EnvFromSource>;
export type EnvVar = Wire<V1EnvVar>;
export type Taint = Wire<V1Taint>;
export type Toleration = Wire<V1Toleration>;
export type LabelSelector = Wire<V1LabelSelector>;
export type PolicyRule = Wire<V1PolicyRule>;
export type MetricSpec = Wire<V2MetricSpec>;
export type MetricStatus = Wire<V2MetricStatus>;

export type PodSpec = Refined<
  Filled<V1PodSpec, 'restartPolicy' | 'terminationGracePeriodSeconds'>,
  { containers: Container[]; initContainers?: Container[] }
>;
export type PodTemplate = Refined<Filled<V1PodTemplateSpec, 'metadata'>, { spec: PodSpec }>;
export type Pod = Stored<V1Pod, { spec: PodSpec }>;
export type Node = Stored<V1Node, { spec: Wire<V1NodeSpec> }>;
export type Namespace = Stored<V1Namespace, { spec: Wire<V1NamespaceSpec> }>;
export type Service = Stored<V1Service, { spec: Wire<V1ServiceSpec> }>;
export type Endpoints = Stored<V1Endpoints>;
export type ApiService = Stored<V1APIService>;
export type EndpointSlice = Stored<V1EndpointSlice>;
export type ConfigMap = Stored<V1ConfigMap>;
export type Secret = Stored<V1Secret>;
export type ServiceAccount = Stored<V1ServiceAccount>;
export type Event = Stored<CoreV1Event>;
export type PersistentVolumeClaim = Stored<V1PersistentVolumeClaim, { spec: Wire<V1PersistentVolumeClaimSpec> }>;

type DeploymentSpec = Filled<
  V1DeploymentSpec,
  'replicas' | 'revisionHistoryLimit' | 'progressDeadlineSeconds' | 'strategy'
>;
export type Deployment = Stored<V1Deployment, { spec: Refined<DeploymentSpec, { template: PodTemplate }> }>;
export type ReplicaSet = Stored<
  V1ReplicaSet,
  { spec: Refined<Filled<V1ReplicaSetSpec, 'replicas'>, { template: PodTemplate }> }
>;
type StatefulSetSpec = Filled<V1StatefulSetSpec, 'replicas' | 'podManagementPolicy' | 'updateStrategy'>;
export type StatefulSet = Stored<V1StatefulSet, { spec: Refined<StatefulSetSpec, { template: PodTemplate }> }>;
export type DaemonSet = Stored<
  V1DaemonSet,
  { spec: Refined<Filled<V1DaemonSetSpec, 'updateStrategy'>, { template: PodTemplate }> }
>;
/** A kind whose pods come from a template. */
export type Workload = Deployment | ReplicaSet | StatefulSet | DaemonSet;

export type PodDisruptionBudget = Stored<V1PodDisruptionBudget, { spec: Wire<V1PodDisruptionBudgetSpec> }>;
export type HorizontalPodAutoscalerSpec = Filled<V2HorizontalPodAutoscalerSpec, 'minReplicas' | 'metrics'>;
export type HorizontalPodAutoscaler = Stored<V2HorizontalPodAutoscaler, { spec: HorizontalPodAutoscalerSpec }>;
export type NetworkPolicy = Stored<V1NetworkPolicy>;
export type Ingress = Stored<V1Ingress>;
export type Role = Stored<V1Role>;
export type ClusterRole = Stored<V1ClusterRole>;
/** ClusterRoleBindings have the same shape. */
export type RoleBinding = Stored<V1RoleBinding>;
export type Lease = Stored<V1Lease, { spec: Wire<V1LeaseSpec> }>;
export type PriorityClass = Stored<V1PriorityClass, { value: number }>;
export type CustomResourceDefinition = Stored<V1CustomResourceDefinition>;
export type SelfSubjectAccessReview = Stored<V1SelfSubjectAccessReview>;
/** metrics.k8s.io */
export type PodMetrics = Stored<PodMetric>;
