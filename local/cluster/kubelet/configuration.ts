/** The ConfigMaps and Secrets that containers use. */
import { types } from '../apimachinery/builtin-types.ts';
import type { Client } from '../client/client.ts';

/** Something that a container needs is missing: kubelet's CreateContainerConfigError. */
export class ContainerConfigError extends Error {
  override readonly name = 'ContainerConfigError';
}

export type ConfigurationKind = 'configmap' | 'secret';

/** As env, envFrom and volumes refer to a ConfigMap or Secret. */
export interface ConfigurationReference {
  readonly name?: string;
  readonly optional?: boolean;
}

/** The decoded content; undefined when it is missing and optional. @throws ContainerConfigError when it is missing */
export function readConfiguration(
  client: Client,
  namespace: string | undefined,
  kind: ConfigurationKind,
  { name = '', optional = false }: ConfigurationReference,
): Record<string, string> | undefined {
  const type = kind === 'configmap' ? types.configMaps : types.secrets;
  const object = client.find(type, namespace, name);
  if (!object) {
    if (optional) return undefined;
    throw new ContainerConfigError(`${kind} "${name}" not found`);
  }
  const { data = {} } = object;
  if (kind === 'configmap') return data;
  const decoded = Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]);
  return Object.fromEntries(decoded);
}

/** Resolves when any ConfigMap or Secret is written: one that was missing may exist now. Rejects with the signal's reason. */
export function configurationChange(client: Client, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      for (const stopWatch of stopWatches) stopWatch();
    };
    const onChange = (): void => {
      stop();
      resolve();
    };
    const stopWatches = [client.watch(types.configMaps, onChange), client.watch(types.secrets, onChange)];
    signal.addEventListener('abort', () => {
      stop();
      reject(signal.reason);
    });
  });
}
