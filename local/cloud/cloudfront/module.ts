import { z } from 'zod';
import { type Core, operator } from '../core.ts';
import { operation } from '../operation.ts';
import { physicalName } from '../physical-name.ts';
import { provider } from '../resource.ts';
import type { CloudModule } from '../service.ts';
import { ServiceError } from '../service-error.ts';

const distributionProperties = z.object({
  DistributionConfig: z.object({
    Enabled: z.boolean(),
    Origins: z.array(z.object({ DomainName: z.string(), OriginAccessControlId: z.string() })).length(1),
  }),
});

/** CloudFront as far as IAM uses it: objects of one private bucket, readable by everyone under a domain name of its own. */
export function createCloudFrontModule(core: Core): CloudModule {
  const buckets = new Map<string, string>();
  const name = (logicalId: string) => physicalName(core.options.stackName, logicalId).toLowerCase();

  return {
    services: [
      {
        name: 'cloudfront',
        operations: {
          /** Not an operation of CloudFront's API: a request to a distribution. */
          ReadObject: operation(z.object({ Host: z.string(), Key: z.string() }), ({ Host, Key }) => {
            const bucket = buckets.get(Host);
            if (bucket === undefined) throw new ServiceError('NoSuchDistribution', `${Host} is no distribution`, 404);
            const request = { service: 's3', operation: 'GetObject', caller: operator };
            return core.dispatch(request, { Bucket: bucket, Key });
          }),
        },
        isPublic: () => true,
      },
    ],
    providers: [
      provider('AWS::CloudFront::OriginAccessControl', z.object({}), ({ logicalId }) => ({
        ref: name(logicalId),
        attributes: { Id: name(logicalId) },
      })),
      provider('AWS::CloudFront::Distribution', distributionProperties, ({ logicalId, properties }) => {
        const domainName = `${name(logicalId)}.cloudfront.net`;
        const [origin] = properties.DistributionConfig.Origins;
        buckets.set(domainName, origin!.DomainName.replace(/\.s3[.-].*$/, ''));
        return { ref: name(logicalId), attributes: { Id: name(logicalId), DomainName: domainName } };
      }),
    ],
  };
}
