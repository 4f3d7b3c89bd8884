import { DescribeRegionsCommand } from '@aws-sdk/client-ec2';
import { type Check, ok, onEverything, problem } from '../check.ts';

/** Regions opened since 2019 are off until an account switches them on; until then they refuse its credentials. */
export const region: Check = {
  name: 'region',
  permissions: () => onEverything('ec2:DescribeRegions'),
  async examine({ config, homeEc2, ask }) {
    const { Regions = [] } = await ask('ec2:DescribeRegions', () =>
      homeEc2.send(new DescribeRegionsCommand({ AllRegions: true })),
    );
    const found = Regions.find(({ RegionName }) => RegionName === config.region);
    if (found === undefined) {
      return problem(
        `there is no region ${config.region}`,
        'Set region in cluster.config.ts to one that AWS has. Nothing else was asked.',
      );
    }
    if (found.OptInStatus !== 'not-opted-in') return ok(`${config.region} is enabled`);
    return problem(
      `${config.region} is not enabled`,
      `Nothing else was asked. Enable it, and wait some minutes: aws account enable-region --region-name ${config.region}`,
    );
  },
};
