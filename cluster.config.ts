import type { ClusterConfigInput } from './infra/config.ts';

/** Everything a user changes. Each value is checked before anything is deployed; infra/config.ts says what is allowed. */
const config: ClusterConfigInput = {
  clusterName: 'stepkube',
  region: 'us-east-1',
  network: { vpcCidr: '10.0.0.0/16', podCidr: '10.244.0.0/16', serviceCidr: '10.96.0.0/12' },
  controlPlane: { instanceType: 't3.medium' },
  workers: { instanceType: 't3.medium', min: 0, desired: 2, max: 5, autoscaling: false },
  access: { apiCidrs: [], sshCidrs: [] },
  issuer: 'publicBucket',
  bot: { domain: 'bot.example.com', plan: 'free', picturesPerMinute: 60 },
  alarms: {},
  rotation: { joinTokenHours: 12, kubeconfigDays: 7, pullSecretHours: 1 },
  retention: { picturesDays: 1, logsDays: 7, eventsDays: 14 },
};

export default config;
