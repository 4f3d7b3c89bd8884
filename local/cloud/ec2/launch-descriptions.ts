/** What launch templates say, and what instance types have. */
import { z } from 'zod';
import { sizeOf } from '#local/contracts/instance-sizes.ts';
import { type Operation, operation } from '../operation.ts';
import { queryList } from '../schema.ts';
import type { CloudCore } from '../service.ts';
import { refuseDryRun } from './dry-run.ts';
import type { LaunchResources } from './launch-resources.ts';

const versionsInput = z.object({
  LaunchTemplateId: z.string(),
  LaunchTemplateVersion: queryList(z.string()),
  DryRun: z.string().optional(),
});
const typesInput = z.object({
  InstanceType: queryList(z.string()).pipe(z.array(z.string()).min(1)),
  DryRun: z.string().optional(),
});

export function launchDescriptions(core: CloudCore, resources: LaunchResources): Readonly<Record<string, Operation>> {
  return {
    DescribeLaunchTemplateVersions: operation(versionsInput, ({ LaunchTemplateId, LaunchTemplateVersion, DryRun }) => {
      refuseDryRun({ DryRun });
      const versions = LaunchTemplateVersion.length === 0 ? ['$Default'] : LaunchTemplateVersion;
      const templates = versions.map((Version) => resources.requiredTemplate({ LaunchTemplateId, Version }));
      return {
        launchTemplateVersionSet: templates.map(({ launchTemplateId, imageId, instanceType, securityGroupIds }) => ({
          launchTemplateId,
          versionNumber: 1,
          defaultVersion: true,
          createdBy: `arn:aws:iam::${core.accountId}:root`,
          launchTemplateData: { imageId, instanceType, securityGroupIdSet: securityGroupIds },
        })),
      };
    }),

    /** Those that are named: the twin has no list of all types. */
    DescribeInstanceTypes: operation(typesInput, ({ InstanceType, DryRun }) => {
      refuseDryRun({ DryRun });
      return {
        instanceTypeSet: InstanceType.map((instanceType) => {
          const { cpu, memoryMebibytes } = sizeOf(instanceType);
          return {
            instanceType,
            vCpuInfo: { defaultVCpus: cpu },
            memoryInfo: { sizeInMiB: memoryMebibytes },
          };
        }),
      };
    }),
  };
}
