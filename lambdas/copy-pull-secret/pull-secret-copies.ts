import { setTimeout as wait } from 'node:timers/promises';
import {
  CoreV1Api,
  PatchStrategy,
  setHeaderOptions,
  type V1Secret,
  type V1ServiceAccount,
} from '@kubernetes/client-node';
import type { Kubeconfig } from '../shared/cluster/kubeconfig.ts';
import { callKubernetes, loadKubeconfig, statusOf } from '../shared/cluster/kubernetes.ts';

/** Its name is part of what users know: they may name it in the pods of service accounts of their own. */
const secretName = 'ecr-docker-creds';
const fieldManager = 'stepkube-pull-secret';
const dockerConfigKey = '.dockerconfigjson';

/** Kubernetes gives a new namespace its service account a moment later. */
const accountPauseMilliseconds = 1_000;
const maxRounds = 5;

/** Names of the namespaces where something was written. */
export interface Copied {
  readonly secrets: readonly string[];
  readonly accounts: readonly string[];
}

/** The copies of the pull secret in the namespaces of a cluster. */
export class PullSecretCopies {
  readonly #api: CoreV1Api;
  readonly #server: string;
  readonly #content: string;

  /** @param dockerConfig the secret's content as JSON */
  constructor(kubeconfig: Kubeconfig, dockerConfig: string) {
    this.#api = loadKubeconfig(kubeconfig).makeApiClient(CoreV1Api);
    this.#server = kubeconfig.server;
    this.#content = Buffer.from(dockerConfig).toString('base64');
  }

  /** @throws ClusterUnreachableError */
  async complete(signal: AbortSignal): Promise<Copied> {
    const secrets = new Set<string>();
    const accounts = new Set<string>();
    for (let round = 1; ; round += 1) {
      const { namespaces, secretsByNamespace, accountsByNamespace } = await this.#look();
      const stale = namespaces.filter(
        (name) => secretsByNamespace.get(name)?.data?.[dockerConfigKey] !== this.#content,
      );
      const without = namespaces.filter((name) => lacksSecret(accountsByNamespace.get(name)));
      await Promise.all([
        ...stale.map((name) => this.#write(name, secretsByNamespace.get(name), secrets)),
        ...without.map((name) => this.#addTo(name, accounts)),
      ]);
      if (namespaces.every((name) => accountsByNamespace.has(name)) || round === maxRounds) break;
      await wait(accountPauseMilliseconds, undefined, { signal });
    }
    return { secrets: [...secrets].sort(), accounts: [...accounts].sort() };
  }

  async #look() {
    const [namespaces, secrets, accounts] = await Promise.all([
      callKubernetes(this.#server, () => this.#api.listNamespace()),
      // The permissions name the objects, which a list has to do, too.
      callKubernetes(this.#server, () =>
        this.#api.listSecretForAllNamespaces({ fieldSelector: `metadata.name=${secretName}` }),
      ),
      callKubernetes(this.#server, () =>
        this.#api.listServiceAccountForAllNamespaces({ fieldSelector: 'metadata.name=default' }),
      ),
    ]);
    return {
      namespaces: namespaces.items
        .filter(({ metadata }) => metadata?.deletionTimestamp === undefined)
        .map(({ metadata }) => metadata?.name ?? ''),
      secretsByNamespace: byNamespace(secrets.items),
      accountsByNamespace: byNamespace(accounts.items),
    };
  }

  /** In place: a secret that is deleted and made again is absent in between. */
  async #write(namespace: string, present: V1Secret | undefined, written: Set<string>): Promise<void> {
    const body = {
      metadata: { name: secretName, namespace },
      type: 'kubernetes.io/dockerconfigjson',
      data: { [dockerConfigKey]: this.#content },
    };
    const write = () =>
      present === undefined
        ? this.#api.createNamespacedSecret({ namespace, body, fieldManager })
        : this.#api.patchNamespacedSecret(
            { namespace, name: secretName, body: { data: body.data }, fieldManager },
            setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
          );
    if (await this.#changed(write)) written.add(namespace);
  }

  /** A strategic merge adds to the list by name: other pull secrets of the account stay. */
  async #addTo(namespace: string, written: Set<string>): Promise<void> {
    const body = { imagePullSecrets: [{ name: secretName }] };
    const add = () =>
      this.#api.patchNamespacedServiceAccount(
        { namespace, name: 'default', body, fieldManager },
        setHeaderOptions('Content-Type', PatchStrategy.StrategicMergePatch),
      );
    if (await this.#changed(add)) written.add(namespace);
  }

  /** @returns false when the namespace is on its way out, or somebody else was faster: the next minute looks again */
  async #changed(write: () => Promise<unknown>): Promise<boolean> {
    try {
      await callKubernetes(this.#server, write);
      return true;
    } catch (error) {
      if ([403, 404, 409].includes(statusOf(error) ?? 0)) return false;
      throw error;
    }
  }
}

const byNamespace = <T extends V1Secret | V1ServiceAccount>(items: readonly T[]): ReadonlyMap<string, T> =>
  new Map(items.map((item) => [item.metadata?.namespace ?? '', item]));

/** An account that does not exist yet lacks nothing. */
const lacksSecret = (account: V1ServiceAccount | undefined): boolean =>
  account !== undefined && !account.imagePullSecrets?.some(({ name }) => name === secretName);
