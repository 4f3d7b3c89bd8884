/** The whole environment of a container's process: the manifest's, the platform's, and what stands for mounts and DNS. */
import { types } from '../apimachinery/builtin-types.ts';
import type { Container, Pod } from '../apimachinery/kinds.ts';
import { environmentOf } from './environment.ts';
import { originsIn, withExternalAddress } from './external-urls.ts';
import type { KubeletDependencies } from './kubelet-dependencies.ts';
import { withServiceAddress } from './service-urls.ts';
import type { PodVolumes } from './volumes.ts';

/** Where programs look for their service account's token. */
const serviceAccountPath = '/var/run/secrets/kubernetes.io/serviceaccount';

export interface ContainerContext {
  readonly pod: Pod;
  readonly container: Container;
  readonly volumes: PodVolumes;
  readonly listenAddress: string;
}

/** @throws ContainerConfigError when something that the container refers to is missing */
export function podEnvironment(
  { client, locateService, locateExternal, images, podEnvironment: twinEnvironment, apiEndpoint }: KubeletDependencies,
  { pod, container, volumes, listenAddress }: ContainerContext,
): Record<string, string> {
  const { namespace, name } = pod.metadata;
  const mounts = volumes.mountsOf(container);
  const folderOf = (path: string) => mounts.find(({ mountPath }) => mountPath === path)?.folder;
  const temporaryFolder = folderOf('/tmp');
  const serviceAccountFolder = folderOf(serviceAccountPath);
  const [host = '', port = ''] = apiEndpoint.split(':');
  const image = container.image === undefined ? undefined : images.resolve(container.image);
  // The pod as it is now: the downward API gives out its status too.
  const current = client.get(types.pods, namespace, name);
  const manifest = environmentOf({ client, pod: current, container, mounts, listenAddress });
  const resolver = { client, locateService, pod };
  const ofTwin = image ? twinEnvironment(image.workload) : {};
  const withAddress = (value: string) =>
    withExternalAddress(withServiceAddress(value, resolver), originsIn(ofTwin), (host, port) =>
      locateExternal(host, port, pod),
    );
  return {
    PATH: process.env['PATH'] ?? '',
    HOSTNAME: name,
    KUBERNETES_SERVICE_HOST: host,
    KUBERNETES_SERVICE_PORT: port,
    LISTEN_ADDRESS: listenAddress,
    ...(temporaryFolder && { TMPDIR: temporaryFolder }),
    ...(serviceAccountFolder && { SERVICE_ACCOUNT_FOLDER: serviceAccountFolder }),
    ...Object.fromEntries(Object.entries({ ...manifest, ...ofTwin }).map(([key, value]) => [key, withAddress(value)])),
  };
}
