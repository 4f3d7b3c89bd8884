import { planNames } from '@stepkube/shared/contracts/plans.ts';
import { z } from 'zod';

const cidrPattern = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)\/(?:[12]?\d|3[0-2])$/;
const cidr = z.string().regex(cidrPattern, { error: 'must be an IPv4 CIDR such as 10.0.0.0/16', abort: true });

/** A CIDR with a prefix in the range that AWS (for the VPC) or Kubernetes supports; every node takes a /24 of the pods' range. */
function sizedCidr(minPrefix: number, maxPrefix: number) {
  return cidr.refine((text) => prefixOf(text) >= minPrefix && prefixOf(text) <= maxPrefix, {
    error: `must have a prefix from /${minPrefix} to /${maxPrefix}`,
    abort: true,
  });
}

/** Types with less than the 2 vCPU and 1,700 MB that kubeadm demands, or with a single vCPU in spite of their size. */
const tooSmall = /^(?:.*\.(?:nano|micro)|(?:t1|t2|m1)\.small|(?:m1|m3|c7a|c8a|m7a|m8a|r7a|r8a)\.medium)$/;

const instanceType = z
  .string()
  .regex(/^[a-z][a-z0-9-]*\.[a-z0-9]+$/, {
    error: 'must be an x86_64 EC2 instance type such as t3.medium',
    abort: true,
  })
  .refine(
    (type) => !/^(?:a1|mac[\w-]*|[a-z]+\d+[a-z]*g[a-z]*)\./.test(type),
    'must be an x86_64 instance type: arm64 (Graviton) and macOS are not supported',
  )
  .refine((type) => !tooSmall.test(type), 'must have at least 2 vCPU and 2 GiB of memory: kubeadm demands them');

/** In other partitions the names of endpoints and of public images differ. */
const commercialRegion = /^(?:af|ap|ca|eu|il|me|mx|sa|us)-(?!gov|iso)(?:[a-z]+)-\d$/;

/** The log group retentions that CloudWatch Logs accepts, in days. */
const logsDays = z.union(
  [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365].map((days) => z.literal(days)),
  { error: 'must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365' },
);

const clusterFields = z.strictObject({
  clusterName: z
    .string()
    .regex(
      /^[a-z][a-z0-9-]{0,28}[a-z0-9]$/,
      'must be 2 to 30 lower-case letters, digits or hyphens, starting with a letter',
    )
    // Systems Manager reserves these prefixes for documents of its own.
    .regex(/^(?!aws|amazon|amzn)/, 'must not start with aws, amazon or amzn'),
  region: z
    .string()
    .regex(
      commercialRegion,
      'must be a region of the partition aws such as us-east-1: China, GovCloud and isolated regions are not supported',
    ),
  network: z
    .strictObject({ vpcCidr: sizedCidr(16, 24), podCidr: sizedCidr(8, 18), serviceCidr: sizedCidr(12, 24) })
    .refine(({ vpcCidr, podCidr }) => !overlap(vpcCidr, podCidr), {
      path: ['podCidr'],
      message: 'must not overlap network.vpcCidr',
    })
    .refine(({ vpcCidr, serviceCidr }) => !overlap(vpcCidr, serviceCidr), {
      path: ['serviceCidr'],
      message: 'must not overlap network.vpcCidr',
    })
    .refine(({ podCidr, serviceCidr }) => !overlap(podCidr, serviceCidr), {
      path: ['serviceCidr'],
      message: 'must not overlap network.podCidr',
    }),
  controlPlane: z.strictObject({ instanceType }),
  workers: z
    .strictObject({
      instanceType,
      min: z.int().min(0, 'must be 0 or more'),
      desired: z.int().min(1, 'must be 1 or more: the workloads run on workers'),
      max: z.int().min(1, 'must be 1 or more').max(50, 'must be 50 or less'),
      /** The cluster autoscaler adds workers for pods that find no room, and ends workers that nobody needs, between min and max. */
      autoscaling: z.boolean({ error: 'must be true or false' }).default(false),
    })
    .refine(({ min, desired }) => min <= desired, { path: ['min'], message: 'must not be above workers.desired' })
    .refine(({ desired, max }) => desired <= max, { path: ['desired'], message: 'must not be above workers.max' }),
  access: z.strictObject({ apiCidrs: z.array(cidr), sshCidrs: z.array(cidr) }),
  /**
   * Where IAM reads the keys of the cluster's service accounts: a bucket of which two objects are public, or CloudFront in front of a
   * private bucket, for accounts that may not switch S3's Block Public Access off.
   */
  issuer: z
    .enum(['publicBucket', 'cloudFront'], { error: 'must be publicBucket or cloudFront' })
    .default('publicBucket'),
  bot: z.strictObject({
    domain: z
      .string()
      .regex(
        /^(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/,
        'must be a domain name such as bot.example.com',
      ),
    /** ACM certificate of the domain, with which the load balancer terminates TLS. */
    certificateArn: z
      .string()
      .regex(/^arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate\/[0-9a-f-]+$/, 'must be the ARN of an ACM certificate')
      .optional(),
    /** Quota of pictures per user: workloads/shared/contracts/plans.ts. */
    plan: z.enum(planNames, { error: `must be one of ${planNames.join(', ')}` }).default('free'),
    /** Limit per user; Telegram limits a bot's answers to about one message per second and chat. */
    picturesPerMinute: z.int().min(1, 'must be 1 or more').max(600, 'must be 600 or less').default(60),
  }),
  /** Who is told when something needs a person. */
  alarms: z
    .strictObject({
      /** Its owner confirms the subscription once, by a link that SNS sends. */
      email: z.email({ error: 'must be an e-mail address such as ops@example.com' }).optional(),
    })
    .prefault({}),
  /** How often credentials are renewed. */
  rotation: z
    .strictObject({
      /** A token with which workers join lives for 24 hours. */
      joinTokenHours: z.int().min(1, 'must be 1 or more').max(12, 'must be 12 or less').default(12),
      /** Kubeconfigs of functions live for 90 days and are renewed in the last 30. */
      kubeconfigDays: z.int().min(1, 'must be 1 or more').max(14, 'must be 14 or less').default(7),
      /** The password of the account's image registry lives for 12 hours. */
      pullSecretHours: z.int().min(1, 'must be 1 or more').max(6, 'must be 6 or less').default(1),
    })
    .prefault({}),
  retention: z.strictObject({
    picturesDays: z.int().min(1, 'must be 1 or more').max(30, 'must be 30 or less'),
    logsDays,
    /** Events, and what metering and model-analyzer derive from them. */
    eventsDays: z.int().min(1, 'must be 1 or more').max(90, 'must be 90 or less').default(14),
  }),
});

export const clusterConfigSchema = clusterFields.refine(
  ({ region, bot: { certificateArn } }) =>
    certificateArn?.startsWith('arn:aws') !== true || certificateArn.split(':')[3] === region,
  {
    path: ['bot', 'certificateArn'],
    message: 'must be in the same region as the cluster: load balancers take no other',
  },
);

export type ClusterConfigInput = z.input<typeof clusterConfigSchema>;
export type ClusterConfig = z.output<typeof clusterConfigSchema>;

/** cluster.config.ts has wrong values: the message has a line for each with the field, the value and what is allowed. */
export class InvalidConfigError extends Error {
  override readonly name = 'InvalidConfigError';
}

/** Checks a configuration. @throws InvalidConfigError naming every wrong field */
export function parseConfig(input: unknown): ClusterConfig {
  const parsed = clusterConfigSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => `${fieldOf([...issue.path, key])}: is not known`);
    return [`${fieldOf(issue.path)}: ${JSON.stringify(valueAt(input, issue.path))} ${issue.message}`];
  });
  throw new InvalidConfigError(`cluster.config.ts is not valid\n  ${lines.join('\n  ')}`);
}

function overlap(one: string, other: string): boolean {
  const shared = Math.min(prefixOf(one), prefixOf(other));
  return networkOf(one, shared) === networkOf(other, shared);
}

function prefixOf(text: string): number {
  return Number(text.split('/')[1]);
}

/** The first `prefix` bits of a CIDR's address. */
function networkOf(text: string, prefix: number): number {
  const address = text
    .split('/')[0]!
    .split('.')
    .reduce((sum, octet) => sum * 256 + Number(octet), 0);
  return Math.floor(address / 2 ** (32 - prefix));
}

function fieldOf(path: readonly PropertyKey[]): string {
  return path.join('.') || 'cluster.config.ts';
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], input);
}
