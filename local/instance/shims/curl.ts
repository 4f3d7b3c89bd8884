/** curl: the instance metadata service (IMDSv2 only) and the hosts of the pinned downloads. */
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { downloadMark } from '../state/downloads.ts';
import type { Instance } from '../state/instance.ts';
import { pins } from '../state/pins.ts';
import { option, parseArguments } from './arguments.ts';
import { type Shim, type ShimCall, ShimError, type ShimResult, takes } from './shim.ts';

const filesFolder = join(import.meta.dirname, '..', 'files');
const metadataHost = '169.254.169.254';
const downloadSeconds = 2;

/** Hosts that the documents download from. `simulatedContent` makes what they send. */
const downloadHosts = [
  'artifacts.k8s.io',
  'awscli.amazonaws.com',
  'github.com',
  'pkgs.k8s.io',
  'raw.githubusercontent.com',
];
const metadataTokens = new WeakMap<Instance, string>();

export const curl: Shim = async (call) => {
  const parsed = parseArguments(call.argv, {
    tool: 'curl',
    valued: ['proto', 'connect-timeout', 'max-time', 'retry', 'output', 'request', 'header'],
    flags: ['fail', 'silent', 'show-error', 'location', 'tlsv1.2'],
  });
  const url = new URL(parsed.operands[0] ?? 'about:blank');
  const headers = await readHeaders(parsed.options.get('header') ?? []);
  if (url.hostname === metadataHost) {
    return metadata(call.instance, option(parsed, 'request') ?? 'GET', url.pathname, headers);
  }
  if (url.protocol !== 'https:' || !downloadHosts.includes(url.hostname)) {
    throw new ShimError(`curl: (6) Could not resolve host: ${url.hostname} (the twin simulates no such host)`, 6);
  }
  await takes(call, downloadSeconds);
  const body = await simulatedContent(call, url.href);
  const output = option(parsed, 'output');
  if (output === undefined) return { stdout: body };
  await writeFile(join('/', output), body);
  return {};
};

/** The values of --header: `Name: value`, or `@file` with such lines. */
async function readHeaders(values: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const texts = await Promise.all(
    values.map((value) => (value.startsWith('@') ? readFile(value.slice(1), 'utf8') : value)),
  );
  const lines = texts.flatMap((text) => text.split('\n')).filter((line) => line.includes(':'));
  return new Map(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
}

function metadata(instance: Instance, method: string, path: string, headers: ReadonlyMap<string, string>): ShimResult {
  if (method === 'PUT' && path === '/latest/api/token') {
    if (!headers.has('x-aws-ec2-metadata-token-ttl-seconds')) throw httpError(400);
    const token = randomBytes(24).toString('base64url');
    metadataTokens.set(instance, token);
    return { stdout: token };
  }
  const token = headers.get('x-aws-ec2-metadata-token');
  if (token === undefined || token !== metadataTokens.get(instance)) throw httpError(401);
  const value = metadataEntries(instance)[path.replace('/latest/meta-data/', '')];
  if (value === undefined) throw httpError(404);
  return { stdout: value };
}

function metadataEntries({ spec }: Instance): Record<string, string> {
  return {
    'instance-id': spec.instanceId,
    'instance-type': spec.instanceType,
    hostname: spec.privateDnsName,
    'local-hostname': spec.privateDnsName,
    'local-ipv4': spec.privateIp,
    'placement/availability-zone': spec.availabilityZone,
    'placement/region': spec.region,
  };
}

function httpError(status: number): ShimError {
  return new ShimError(`curl: (22) The requested URL returned error: ${status}`, 22);
}

/** In place of the download: Calico's manifest in short, an archive or key with nothing in it, or a program's shim. */
async function simulatedContent({ instance }: ShimCall, url: string): Promise<string> {
  if (url.endsWith('/calico.yaml')) {
    const manifest = await readFile(join(filesFolder, 'calico.yaml'), 'utf8');
    return `# ${downloadMark(url)}\n${manifest.replaceAll('CALICO_VERSION', pins.calico.version)}`;
  }
  if (url.endsWith('/Release.key')) return `${downloadMark(url)}\nfingerprint ${pins.kubernetes.aptKeyFingerprint}\n`;
  if (/\.(?:zip|gz)$/.test(url)) return `${downloadMark(url)}\n`;
  const script = await readFile(instance.shimScript, 'utf8');
  return `${script}# ${downloadMark(url)}\n`;
}
