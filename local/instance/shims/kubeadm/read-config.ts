/** Reads a kubeadm configuration file and refuses what kubeadm refuses. */
import { readFile } from 'node:fs/promises';
import { parseAllDocuments } from 'yaml';
import type { ZodType } from 'zod';
import { option, type ParsedArguments } from '../arguments.ts';
import { ShimError } from '../shim.ts';
import {
  type ClusterConfiguration,
  clusterConfiguration,
  type InitConfiguration,
  initConfiguration,
  type JoinConfiguration,
  joinConfiguration,
  kubeletConfiguration,
} from './config-schema.ts';

export interface KubeadmConfig {
  readonly cluster?: ClusterConfiguration;
  readonly init?: InitConfiguration;
  readonly join?: JoinConfiguration;
  readonly kubelet?: object;
}

const kinds: Readonly<Record<string, readonly [field: string, schema: ZodType]>> = {
  ClusterConfiguration: ['cluster', clusterConfiguration],
  InitConfiguration: ['init', initConfiguration],
  JoinConfiguration: ['join', joinConfiguration],
  KubeletConfiguration: ['kubelet', kubeletConfiguration],
};

/** @throws ShimError that names the kind and the field; never a value, because it may be secret */
export async function readConfig(parsed: ParsedArguments): Promise<KubeadmConfig> {
  const file = option(parsed, 'config');
  if (file === undefined) throw new ShimError('error: the --config flag is mandatory');
  const text = await readFile(file, 'utf8').catch(() => {
    throw new ShimError(`error: unable to read config from "${file}": no such file or directory`);
  });
  const config: Record<string, unknown> = {};
  for (const document of parseAllDocuments(text)) {
    if (document.errors.length > 0) throw new ShimError('error: the configuration is not YAML');
    const content = document.toJS() as { apiVersion?: string; kind?: string };
    const [field, schema] = kinds[content.kind ?? ''] ?? [];
    if (field === undefined || schema === undefined) {
      throw new ShimError(`error: unknown kind "${content.kind ?? ''}" in ${content.apiVersion ?? 'no apiVersion'}`);
    }
    const checked = schema.safeParse(content);
    if (!checked.success) {
      const issues = checked.error.issues.map((issue) => `${issue.path.join('.') || content.kind}: ${issue.message}`);
      throw new ShimError(`error: error unmarshaling configuration ${content.kind}: ${issues.join('; ')}`);
    }
    config[field] = checked.data;
  }
  return config;
}
