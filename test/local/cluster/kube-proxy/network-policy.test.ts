import { describe, expect, it } from 'vitest';
import type { Namespace, NetworkPolicy, Pod } from '#local/cluster/apimachinery/kinds.ts';
import { isCallAllowed } from '#local/cluster/kube-proxy/network-policy.ts';

const pod = (app: string, more: { namespace?: string; ip?: string; hostNetwork?: boolean } = {}) =>
  ({
    metadata: { name: `${app}-1`, namespace: more.namespace ?? 'shop', labels: { app } },
    spec: {
      hostNetwork: more.hostNetwork,
      containers: [{ name: app, ports: [{ name: 'api', containerPort: 8080 }] }],
    },
    status: { podIP: more.ip ?? '10.244.1.7' },
  }) as unknown as Pod;
const namespaces = ['shop', 'other'].map(
  (name) => ({ metadata: { name, labels: { team: name } } }) as unknown as Namespace,
);
const policy = (app: string, spec: object, namespace = 'shop') =>
  ({
    metadata: { name: app, namespace },
    spec: { podSelector: { matchLabels: { app } }, policyTypes: ['Ingress', 'Egress'], ...spec },
  }) as unknown as NetworkPolicy;
const anyEgress = { egress: [{}] };

const web = pod('web');
const api = pod('api', { ip: '10.244.2.9' });
const allowed = (policies: readonly NetworkPolicy[], call: { from?: Pod; to?: Pod; port?: number } = {}) =>
  isCallAllowed({ from: web, to: api, port: 8080, ...call }, { policies, namespaces });

describe('isCallAllowed', () => {
  it('a pod that no policy selects is not isolated', () => {
    expect(allowed([])).toBe(true);
    expect(allowed([policy('db', {})])).toBe(true);
    expect(allowed([policy('api', {}, 'other')])).toBe(true);
  });

  it('a policy without rules refuses everything in its directions, and nothing in others', () => {
    expect(allowed([policy('api', {})])).toBe(false);
    expect(allowed([policy('web', {})])).toBe(false);
    expect(allowed([policy('api', { policyTypes: ['Egress'] })])).toBe(true);
    expect(allowed([policy('web', { policyTypes: ['Ingress'] })])).toBe(true);
  });

  it.each<[string, object, boolean]>([
    ['every caller', {}, true],
    ['the caller by its label', { from: [{ podSelector: { matchLabels: { app: 'web' } } }] }, true],
    ['another caller', { from: [{ podSelector: { matchLabels: { app: 'job' } } }] }, false],
    ['one of two', { from: [{ podSelector: { matchLabels: { app: 'job' } } }, { podSelector: {} }] }, true],
    ['its namespace', { from: [{ namespaceSelector: { matchLabels: { team: 'shop' } } }] }, true],
    ['another namespace', { from: [{ namespaceSelector: { matchLabels: { team: 'other' } } }] }, false],
    ['its address', { from: [{ ipBlock: { cidr: '10.244.0.0/16' } }] }, true],
    ['but not its address', { from: [{ ipBlock: { cidr: '10.244.0.0/16', except: ['10.244.1.0/24'] } }] }, false],
    ['its port by name', { ports: [{ protocol: 'TCP', port: 'api' }] }, true],
    ['another port by name', { ports: [{ protocol: 'TCP', port: 'metrics' }] }, false],
    ['its port by number', { ports: [{ port: 8080 }] }, true],
    ['the port of the Service', { ports: [{ port: 80 }] }, false],
    ['a range with its port', { ports: [{ port: 8000, endPort: 9000 }] }, true],
    ['UDP', { ports: [{ protocol: 'UDP', port: 8080 }] }, false],
  ])('ingress from %s', (_name, rule, expected) => {
    expect(allowed([policy('api', { ingress: [rule] })])).toBe(expected);
  });

  it('both sides must allow a call, and policies of one side add up', () => {
    const ingress = policy('api', { ingress: [{}] });
    expect(allowed([ingress, policy('web', anyEgress)])).toBe(true);
    expect(allowed([ingress, policy('web', { egress: [{ ports: [{ port: 443 }] }] })])).toBe(false);
    expect(allowed([ingress, policy('web', { egress: [{ ports: [{ port: 443 }] }] }), policy('web', anyEgress)])).toBe(
      true,
    );
  });

  it('a namespaceSelector with a podSelector means pods in those namespaces', () => {
    const peer = {
      namespaceSelector: { matchLabels: { team: 'other' } },
      podSelector: { matchLabels: { app: 'web' } },
    };
    const policies = [policy('api', { ingress: [{ from: [peer] }] })];
    expect(allowed(policies)).toBe(false);
    expect(allowed(policies, { from: pod('web', { namespace: 'other' }) })).toBe(true);
  });

  it('pods on the network of their node are known by their address only', () => {
    const onHost = pod('web', { hostNetwork: true, ip: '10.0.1.10' });
    expect(allowed([policy('web', {})], { from: onHost })).toBe(true);
    expect(allowed([policy('api', { ingress: [{ from: [{ podSelector: {} }] }] })], { from: onHost })).toBe(false);
    expect(
      allowed([policy('api', { ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.0/16' } }] }] })], { from: onHost }),
    ).toBe(true);
  });
});
