import { clusterSettings, type ResolvedConfig, resolveConfigInput } from '../shared/contracts.ts';
import { json, readEnvironment } from '../shared/env.ts';
import { task } from '../shared/task.ts';

const { CLUSTER_SETTINGS: settings } = readEnvironment({ CLUSTER_SETTINGS: json(clusterSettings) });

/**
 * Says what will be built, and hands every SSM document exactly the parameters it declares.
 * Calls no AWS service.
 */
export const handler = task(resolveConfigInput, async ({ workers = settings.workers }): Promise<ResolvedConfig> => {
  const ClusterName = settings.clusterName;
  const PodCidr = settings.podCidr;
  const ManifestsUri = settings.manifestsUri;
  return {
    clusterName: settings.clusterName,
    workers,
    parameters: {
      installRuntime: { ClusterName },
      initControlPlane: {
        ClusterName,
        PodCidr,
        ServiceCidr: settings.serviceCidr,
        IssuerBucket: settings.issuerBucket,
        IssuerUrl: settings.issuerUrl,
        ManifestsUri,
      },
      installNetwork: { ClusterName, PodCidr, ManifestsUri },
      issueJoinCredentials: { ClusterName },
      joinNode: { ClusterName },
    },
  };
});
