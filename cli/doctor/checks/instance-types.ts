import {
  DescribeAvailabilityZonesCommand,
  DescribeInstanceTypeOfferingsCommand,
  type _InstanceType as InstanceType,
} from '@aws-sdk/client-ec2';
import { type Check, ok, onEverything, problem } from '../check.ts';
import { configuredTypes } from '../configured-types.ts';

/** So many zones does the network have, the region's first ones. */
const zonesOfNetwork = 2;

/** Not every zone has every type, and an old zone lacks the newer ones. */
export const instanceTypes: Check = {
  name: 'instance-types',
  permissions: () => onEverything('ec2:DescribeAvailabilityZones', 'ec2:DescribeInstanceTypeOfferings'),
  async examine({ config, ec2, ask }) {
    const types = configuredTypes(config);
    const { AvailabilityZones = [] } = await ask('ec2:DescribeAvailabilityZones', () =>
      ec2.send(
        new DescribeAvailabilityZonesCommand({ Filters: [{ Name: 'zone-type', Values: ['availability-zone'] }] }),
      ),
    );
    const names = AvailabilityZones.map(({ ZoneName }) => ZoneName ?? '').sort();
    const zones = names.slice(0, zonesOfNetwork);
    const { InstanceTypeOfferings = [] } = await ask('ec2:DescribeInstanceTypeOfferings', () =>
      ec2.send(
        new DescribeInstanceTypeOfferingsCommand({
          LocationType: 'availability-zone',
          Filters: [{ Name: 'instance-type', Values: types as InstanceType[] }],
        }),
      ),
    );
    const missing = types.flatMap((type) =>
      zones
        .filter(
          (zone) => !InstanceTypeOfferings.some((offer) => offer.InstanceType === type && offer.Location === zone),
        )
        .map((zone) => ({ type, zone })),
    );
    const nowhere = types.filter((type) => missing.filter((entry) => entry.type === type).length === zones.length);
    if (nowhere.length > 0) {
      return problem(
        `${nowhere.join(' and ')}: not offered in ${zones.join(' or ')}`,
        'Choose another instanceType in cluster.config.ts, or another region.',
      );
    }
    const partly = missing.map(({ type, zone }) => `, ${type} not in ${zone}`).join('');
    return ok(`${types.join(' and ')}: offered in ${zones.join(' and ')}${partly}`);
  },
};
