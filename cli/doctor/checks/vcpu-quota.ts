import { paginateDescribeInstances } from '@aws-sdk/client-ec2';
import { z } from 'zod';
import type { AccountAccess } from '../account-access.ts';
import { type Check, ok, onEverything, problem, unknown } from '../check.ts';
import { configuredTypes, describeTypes } from '../configured-types.ts';
import { hostOf } from '../scope.ts';

/** Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances, in vCPUs: https://aws.amazon.com/ec2/faqs/ */
const standardQuota = 'L-1216C47A';
const isStandard = (type: string) => /^(?:[acdhimrtz]|im|is)\d/.test(type);

const quotaAnswer = z.object({ Quota: z.object({ Value: z.number() }) });

/** New accounts often have 5 vCPUs; the default configuration needs 6. */
export const vcpuQuota: Check = {
  name: 'vcpu-quota',
  permissions: () =>
    onEverything(
      'ec2:DescribeInstanceTypes',
      'ec2:DescribeInstances',
      'servicequotas:GetServiceQuota',
      'servicequotas:GetAWSDefaultServiceQuota',
    ),
  async examine(account) {
    const { config } = account;
    const { controlPlane, workers, region } = config;
    const console = `https://${region}.console.aws.amazon.com/servicequotas/home/services/ec2/quotas`;
    const others = configuredTypes(config).filter((type) => !isStandard(type));
    if (others.length > 0) return unknown(`${others.join(' and ')} has a quota of its own`, `Look at it: ${console}`);

    const described = await describeTypes(account, configuredTypes(config));
    const vcpusOf = (type: string) => described.get(type)?.VCpuInfo?.DefaultVCpus;
    const [ofControlPlane, ofWorker] = [vcpusOf(controlPlane.instanceType), vcpusOf(workers.instanceType)];
    if (ofControlPlane === undefined || ofWorker === undefined) {
      return problem(
        `${region} does not know ${configuredTypes(config).join(' or ')}`,
        'Change it in cluster.config.ts.',
      );
    }
    const needed = (count: number) => ofControlPlane + count * ofWorker;
    const [quota, used] = await Promise.all([readQuota(account), countUsed(account)]);
    const free = quota - used;
    const allowed = used === 0 ? `${quota}` : `${free} of ${quota}`;
    if (needed(workers.desired) > free) {
      return problem(
        `${needed(workers.desired)} vCPUs are needed, the quota leaves ${allowed}`,
        `Ask for ${used + needed(workers.max)}, which takes AWS minutes to days: ${console}/${standardQuota}`,
      );
    }
    const most = Math.min(workers.max, Math.floor((free - ofControlPlane) / ofWorker));
    const limit = most < workers.max ? `; it ends at ${most} workers, workers.max is ${workers.max}` : '';
    return ok(`${needed(workers.desired)} vCPUs are needed, the quota leaves ${allowed}${limit}`);
  },
};

async function readQuota({ config: { region }, ask, callJson }: AccountAccess): Promise<number> {
  const read = async (operation: string) => {
    const request = {
      service: 'servicequotas',
      region,
      host: hostOf('servicequotas', region),
      target: `ServiceQuotasV20190624.${operation}`,
      version: '1.1',
    } as const;
    const input = { ServiceCode: 'ec2', QuotaCode: standardQuota };
    return quotaAnswer.parse(await ask(`servicequotas:${operation}`, () => callJson(request, input))).Quota.Value;
  };
  // An account whose quota was never changed may have the default only.
  return read('GetServiceQuota').catch((error: Error) => {
    if (error.name === 'NoSuchResourceException') return read('GetAWSDefaultServiceQuota');
    throw error;
  });
}

/** vCPUs of the running instances that count towards the quota and are not this cluster's own. */
function countUsed({ config, ec2, ask }: AccountAccess): Promise<number> {
  return ask('ec2:DescribeInstances', async () => {
    const states = { Name: 'instance-state-name', Values: ['pending', 'running'] };
    let vcpus = 0;
    for await (const { Reservations = [] } of paginateDescribeInstances({ client: ec2 }, { Filters: [states] })) {
      for (const { InstanceType, InstanceLifecycle, CpuOptions, Tags } of Reservations.flatMap(
        (r) => r.Instances ?? [],
      )) {
        const isOwn = Tags?.some(({ Key }) => Key === `kubernetes.io/cluster/${config.clusterName}`);
        if (isOwn || InstanceLifecycle === 'spot' || !isStandard(InstanceType ?? '')) continue;
        vcpus += (CpuOptions?.CoreCount ?? 0) * (CpuOptions?.ThreadsPerCore ?? 0);
      }
    }
    return vcpus;
  });
}
