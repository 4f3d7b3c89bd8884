/** What happens to an object between the request and the store: defaults, addresses, mounted tokens, checks. */
import { types } from '#local/cluster/apimachinery/builtin-types.ts';
import { forbidden } from '#local/cluster/apimachinery/errors.ts';
import { type KubeObject, type Open, randomSuffix } from '#local/cluster/apimachinery/object.ts';
import type { ResourceType } from '#local/cluster/apimachinery/resource-type.ts';
import type { Store } from '#local/cluster/storage/store.ts';
import { applyDefaults } from './defaults.ts';
import type { ServiceAddresses } from './service-addresses.ts';
import { checkShape, validate } from './validation.ts';

export class Admission {
  readonly #store: Store;
  readonly #addresses: ServiceAddresses;

  constructor(store: Store, addresses: ServiceAddresses) {
    this.#store = store;
    this.#addresses = addresses;
  }

  /** Completes and checks `object` in place. @throws ApiError Invalid, Forbidden */
  admit(type: ResourceType, object: KubeObject, previous: KubeObject | undefined): void {
    checkShape(type, object);
    applyDefaults(object);
    if (type.storage === types.services.storage) this.#addresses.assign(object, previous);
    if (type.storage === types.pods.storage && previous === undefined) this.#admitPod(object);
    validate(type, object, previous);
  }

  #admitPod(pod: KubeObject): void {
    const { namespace, name } = pod.metadata;
    pod.status ??= {};
    pod.status.phase ??= 'Pending';
    pod.status.qosClass ??= qualityOf(pod.spec.containers);
    this.#admitPriority(pod);
    const isMirror = pod.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined;
    if (isMirror) return;
    const account = this.#store.get(types.serviceAccounts.storage, namespace, pod.spec.serviceAccountName);
    if (!account) {
      const why = `error looking up service account ${namespace}/${pod.spec.serviceAccountName}: serviceaccount "${pod.spec.serviceAccountName}" not found`;
      throw forbidden(types.pods, name, why);
    }
    if (account.imagePullSecrets && !pod.spec.imagePullSecrets) pod.spec.imagePullSecrets = account.imagePullSecrets;
    if ((pod.spec.automountServiceAccountToken ?? account.automountServiceAccountToken) !== false) mountToken(pod.spec);
  }

  #admitPriority({ metadata, spec }: KubeObject): void {
    const name: string | undefined = spec.priorityClassName;
    const found = name
      ? this.#store.get(types.priorityClasses.storage, undefined, name)
      : this.#store.list(types.priorityClasses.storage).find(({ globalDefault }) => globalDefault);
    if (name && !found) throw forbidden(types.pods, metadata.name, `no PriorityClass with name ${name} was found`);
    const { value, preemptionPolicy = noPriority.preemptionPolicy } = found ?? noPriority;
    Object.assign(spec, { priority: value, preemptionPolicy });
  }
}

const noPriority = { value: 0, preemptionPolicy: 'PreemptLowerPriority' };

const tokenPath = '/var/run/secrets/kubernetes.io/serviceaccount';

function mountToken(spec: Open): void {
  const name = `kube-api-access-${randomSuffix()}`;
  const containers: Open[] = [...spec.containers, ...(spec.initContainers ?? [])];
  const wanting = containers.filter(
    (container) => !container.volumeMounts?.some((mount: Open) => mount.mountPath === tokenPath),
  );
  if (wanting.length === 0) return;
  for (const container of wanting) {
    container.volumeMounts = [...(container.volumeMounts ?? []), { name, mountPath: tokenPath, readOnly: true }];
  }
  const namespace = { path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } };
  const sources = [
    { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
    { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
    { downwardAPI: { items: [namespace] } },
  ];
  spec.volumes = [...(spec.volumes ?? []), { name, projected: { defaultMode: 0o644, sources } }];
}

function qualityOf(containers: readonly Open[]): string {
  const resources = containers.map((container) => container.resources ?? {});
  if (resources.every(({ limits, requests }) => !limits && !requests)) return 'BestEffort';
  const guaranteed = resources.every(({ limits, requests }) =>
    ['cpu', 'memory'].every(
      (name) => limits?.[name] !== undefined && limits[name] === (requests?.[name] ?? limits[name]),
    ),
  );
  return guaranteed ? 'Guaranteed' : 'Burstable';
}
