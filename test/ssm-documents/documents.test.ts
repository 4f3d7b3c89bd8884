import { execFileSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { projectPath } from '@stepkube/tools/project-path.ts';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { assembleDocument, assembleScript, documentNames, nodeFiles } from '#ssm-documents/assemble.ts';

it('every folder of ssm-documents with a script is a document', () => {
  const folders = globSync('*/script.sh', { cwd: projectPath('ssm-documents') }).map((file) => file.split('/')[0]);
  expect(folders.sort()).toEqual(documentNames);
});

describe.each(documentNames)('%s', (name) => {
  const document = assembleDocument(name);
  const [step] = document.mainSteps;
  const script = assembleScript(name);

  it(`${name} is one valid bash script that begins with a shebang`, () => {
    expect(document.schemaVersion).toBe('2.2');
    expect(step.action).toBe('aws:runShellScript');
    expect(step.inputs.runCommand[0]).toBe('#!/usr/bin/env bash');
    expect(() => execFileSync('bash', ['-n'], { input: script })).not.toThrow();
  });

  it(`${name} may run longer than it waits for another document, and not longer than its metadata token lives`, () => {
    const timeoutSeconds = Number(step.inputs.timeoutSeconds);
    const [, tokenSeconds] = /token-ttl-seconds: (\d+)/.exec(script) ?? [];
    const [, waitSeconds] = /host_wait_seconds=(\d+)/.exec(script) ?? [];
    expect(timeoutSeconds).toBeLessThan(Number(tokenSeconds));
    if (script.includes('claim_host "$')) expect(timeoutSeconds).toBeGreaterThan(Number(waitSeconds));
  });

  it(`${name} uses every declared parameter and no other`, () => {
    const used = new Set([...script.matchAll(/SSM_(\w+)/g)].map((match) => match[1]));
    expect([...used].sort()).toEqual(Object.keys(document.parameters).sort());
  });

  it(`${name} takes no parameter that bash could read as code`, () => {
    for (const [parameter, { allowedPattern, interpolationType }] of Object.entries(document.parameters)) {
      expect(interpolationType, parameter).toBe('ENV_VAR');
      for (const attack of ['', '$(id)', '`id`', 'a b', 'a;b', "a'b", 'a\nb', '-x', '../x']) {
        expect(new RegExp(allowedPattern).test(attack), `${parameter}: ${attack}`).toBe(false);
      }
    }
  });

  it(`${name} pins what it downloads`, () => {
    for (const [, variable, value] of script.matchAll(/^readonly (\w+)='([^']*)'$/gm)) {
      if (variable?.endsWith('_sha256')) expect(value).toMatch(/^[0-9a-f]{64}$/);
      if (variable?.endsWith('_url')) expect(value).toMatch(/^https:\/\//);
    }
    // Only the metadata and the signing key, whose fingerprint is pinned, are read without a checksum.
    expect(script.match(/^\s*curl /gm)?.length ?? 0).toBeLessThanOrEqual(3);
  });

  it(`${name} writes every file that it carries, with a value for each placeholder`, () => {
    const calls = script.replaceAll('\\\n', ' ').replaceAll('"$config"', '/etc/stepkube/kubeadm-init.yaml');
    for (const { path, content } of nodeFiles(name)) {
      const placeholders = [...content.matchAll(/\$\{(\w+)\}/g)].map(([, placeholder]) => placeholder!);
      const [call] = calls.split('\n').filter((line) => /(?:render|install)_file /.test(line) && line.includes(path));
      expect(call, path).toBeDefined();
      for (const placeholder of placeholders) expect(call, path).toContain(`"${placeholder}=`);
    }
  });
});

describe("the nodes' files", () => {
  const files = documentNames.flatMap((name) => nodeFiles(name));

  it.each(files.filter(({ path }) => path.endsWith('.yaml')))('$path is valid YAML', ({ content }) => {
    for (const document of parseAllDocuments(content)) expect(document.errors).toEqual([]);
  });

  it.each(files)('$path ends with one newline and has no carriage return', ({ content }) => {
    expect(content).toMatch(/[^\n]\n$/);
    expect(content).not.toContain('\r');
  });
});

describe('render_file', () => {
  const common = assembleScript('install-network').split('\nmain\n')[0]!;
  /** Runs a command after the functions of common.sh, with one file of its own. */
  const run = (content: string, command: string) => {
    const file = `file_content() { [[ $1 != /file ]] || cat <<'END'\n${content}\nEND\n}`;
    const functions = common.slice(0, common.indexOf('# install-network:'));
    const script = `${functions}\n${file}\n${command}`;
    return execFileSync('bash', ['-s'], { input: script, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] });
  };

  it('render_file inserts values as they are, also if they look like placeholders, patterns or code', () => {
    const values = ['one=a&b\\1', 'two=$(id) `id` ${one} \'x\' "y"', 'three=/|*?[a]'];
    const quoted = values.map((value) => `'${value.replaceAll("'", "'\\''")}'`).join(' ');
    const rendered = run('1: ${one}\n2: ${two} ${one}\n3: ${three}$x {y} $', `render_file /file ${quoted}`);
    expect(rendered).toBe('1: a&b\\1\n2: $(id) `id` ${one} \'x\' "y" a&b\\1\n3: /|*?[a]$x {y} $\n');
  });

  it('render_file inserts a value of several lines', () => {
    expect(run('a: ${text}', "render_file /file $'text=one\\ntwo'")).toBe('a: one\ntwo\n');
  });

  it.each([
    ['a placeholder without a value', 'render_file /file', '/file: ${one} has no value'],
    ['a file that the document does not carry', 'render_file /other', 'this document has no file /other'],
  ])('render_file fails for %s', (_what, command, message) => {
    expect(() => run('${one}', `${command}; echo 'goes on'`)).toThrow(message);
  });
});
