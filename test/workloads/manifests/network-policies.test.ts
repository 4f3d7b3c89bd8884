import { describe, expect, it } from 'vitest';
import config from '#cluster.config.ts';
import { workloadNames } from '#infra/lib/workload-names.ts';
import { useRenderedManifests } from '#support/workloads/rendered-manifests.ts';

const { all, find } = useRenderedManifests();

describe('namespace stepkube', () => {
  it('the namespace stepkube denies all ingress and egress by default', () => {
    expect(find('NetworkPolicy', 'default-deny').spec).toEqual({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
  });

  it.each(workloadNames)(
    'the pods of %s reach HTTPS outside the cluster: no instance metadata, node, pod or Service',
    (service) => {
      const [rule] = find('NetworkPolicy', service).spec.egress;
      const { vpcCidr, podCidr, serviceCidr } = config.network;
      expect(rule).toEqual({
        to: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['169.254.0.0/16', vpcCidr, podCidr, serviceCidr] } }],
        ports: [{ protocol: 'TCP', port: 443 }],
      });
    },
  );
});

describe('monitoring', () => {
  it('only the production overlay admits monitoring to the metrics', () => {
    expect(find('NetworkPolicy', 'allow-monitoring').spec.ingress).toHaveLength(1);
    expect(find('NetworkPolicy', 'allow-monitoring', 'development')).toBeUndefined();
  });
});

describe('reachability', () => {
  it('only the webhook of polybot is behind the load balancer, and only for Telegram', () => {
    const { spec } = find('Service', 'polybot');
    expect(spec).toMatchObject({ type: 'LoadBalancer', ports: [{ port: 443, targetPort: 'webhook' }] });
    const networks = ['149.154.160.0/20', '91.108.4.0/22'];
    expect(spec.loadBalancerSourceRanges).toEqual(networks);
    expect(find('NetworkPolicy', 'polybot').spec.ingress).toEqual([
      { from: networks.map((cidr) => ({ ipBlock: { cidr } })), ports: [{ protocol: 'TCP', port: 'webhook' }] },
    ]);
  });

  it('yolo5 is reachable for monitoring only', () => {
    expect(find('NetworkPolicy', 'yolo5').spec.ingress).toBeUndefined();
    expect(find('NetworkPolicy', 'allow-monitoring').spec.ingress[0].ports).toEqual([
      { protocol: 'TCP', port: 'internal' },
    ]);
    expect(find('Service', 'yolo5').spec.clusterIP).toBe('None');
  });

  it("metering's API is reachable for polybot only, within the cluster", () => {
    expect(find('NetworkPolicy', 'metering').spec.ingress).toEqual([
      {
        from: [{ podSelector: { matchLabels: { 'app.kubernetes.io/name': 'polybot' } } }],
        ports: [{ protocol: 'TCP', port: 'api' }],
      },
    ]);
    const { type = 'ClusterIP', ports } = find('Service', 'metering').spec;
    expect([type, ports]).toEqual(['ClusterIP', [{ name: 'api', port: 80, targetPort: 'api', protocol: 'TCP' }]]);
    expect(find('NetworkPolicy', 'polybot').spec.egress.slice(2)).toEqual([
      {
        to: [{ podSelector: { matchLabels: { 'app.kubernetes.io/name': 'metering' } } }],
        ports: [{ protocol: 'TCP', port: 'api' }],
      },
    ]);
    expect(find('Deployment', 'polybot').spec.template.spec.containers[0].env).toContainEqual({
      name: 'METERING_URL',
      value: 'http://metering.stepkube.svc.cluster.local',
    });
  });

  it('nothing but the listed is allowed out: names through kube-dns, HTTPS, and what polybot needs besides', () => {
    const policies = all().filter(({ kind }) => kind === 'NetworkPolicy');
    const egress = Object.fromEntries(
      policies.flatMap(({ metadata, spec }) => (spec.egress ? [[metadata.name, spec.egress]] : [])),
    );
    expect(Object.keys(egress).sort()).toEqual(['allow-name-lookup', ...workloadNames].sort());
    expect(egress['allow-name-lookup']).toEqual([
      {
        to: [
          {
            namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
            podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
          },
        ],
        ports: ['UDP', 'TCP'].map((protocol) => ({ protocol, port: 53 })),
      },
    ]);
    const numberOfRules = Object.fromEntries(workloadNames.map((service) => [service, egress[service].length]));
    expect(numberOfRules).toEqual({ metering: 1, 'model-analyzer': 1, polybot: 3, yolo5: 1 });
  });

  it('polybot reaches Secrets Manager at its endpoint in the isolated subnets, inside the VPC', () => {
    expect(find('NetworkPolicy', 'polybot').spec.egress[1]).toEqual({
      to: [{ ipBlock: { cidr: '10.0.128.0/17' } }],
      ports: [{ protocol: 'TCP', port: 443 }],
    });
  });
});
