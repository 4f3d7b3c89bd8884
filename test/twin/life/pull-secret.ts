import { describe, expect, it } from 'vitest';
import type { Life } from './life.ts';

const oneMinute = 60_000;
const name = 'ecr-docker-creds';

export function describePullSecret(life: Life): void {
  const secretIn = async (namespace: string) =>
    JSON.parse(
      await life
        .kubectl('get', 'secret', name, '-n', namespace, '-o', 'json', '--ignore-not-found')
        .then((text) => text || 'null'),
    );

  describe('the pull secret of the registry', () => {
    it('every namespace has it, a new one within a minute, and a rotation replaces its password in place', async () => {
      await life.run('rotate-credentials', { kind: 'pullSecret' });
      const first = await secretIn('stepkube');
      expect(first.type).toBe('kubernetes.io/dockerconfigjson');

      await life.kubectl('create', 'namespace', 'teams');
      await expect.poll(() => secretIn('teams'), { timeout: oneMinute }).toMatchObject({ data: first.data });
      const account = JSON.parse(await life.kubectl('get', 'serviceaccount', 'default', '-n', 'teams', '-o', 'json'));
      expect(account.imagePullSecrets).toEqual([{ name }]);

      await life.run('rotate-credentials', { kind: 'pullSecret' });
      for (const namespace of ['stepkube', 'teams']) {
        const { metadata, data } = await secretIn(namespace);
        expect(data).not.toEqual(first.data);
        if (namespace === 'stepkube') expect(metadata.uid).toBe(first.metadata.uid);
      }
    });
  });
}
