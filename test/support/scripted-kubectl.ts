import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What the shim answers to one kind of call. */
export interface KubectlAnswer {
  readonly stdout?: string | object;
  readonly stderr?: string;
  readonly exitCode?: number;
}

/** A program that answers as told and writes down how it was called. */
export interface ScriptedKubectl {
  readonly program: string;
  /** Calls so far: arguments, environment, and the kubeconfig's path, mode and content at that moment. */
  calls(): { args: string; environment: string[]; kubeconfig: string; mode: string; text: string }[];
  remove(): void;
}

/**
 * @param answers by the call's first words: 'apply', 'rollout status deployment/polybot', 'get pods'. Without an answer a
 * call prints nothing and succeeds.
 */
export function writeScriptedKubectl(answers: Readonly<Record<string, KubectlAnswer>>): ScriptedKubectl {
  const folder = mkdtempSync(join(tmpdir(), 'scripted-kubectl-'));
  const program = join(folder, 'kubectl');
  const calls = join(folder, 'calls');
  mkdirSync(calls);
  const cases = Object.entries(answers).map(([words, { stdout = '', stderr = '', exitCode = 0 }], index) => {
    const text = typeof stdout === 'string' ? stdout : JSON.stringify(stdout);
    writeFileSync(join(folder, `${index}.out`), text);
    writeFileSync(join(folder, `${index}.err`), stderr);
    return `  "${words}"*) cat '${folder}/${index}.out'; cat '${folder}/${index}.err' >&2; exit ${exitCode} ;;`;
  });
  const script = `#!/usr/bin/env bash
call=$(mktemp -d '${calls}/XXXXXX')
printf '%s' "$*" > "$call/args"
env > "$call/env"
printf '%s' "$KUBECONFIG" > "$call/path"
stat -c %a "$KUBECONFIG" > "$call/mode"
cat "$KUBECONFIG" > "$call/text"
case "$*" in
${cases.join('\n')}
esac
`;
  writeFileSync(program, script, { mode: 0o755 });
  return {
    program,
    calls: () =>
      readdirSync(calls).map((call) => {
        const read = (name: string) => readFileSync(join(calls, call, name), 'utf8').trim();
        return {
          args: read('args'),
          environment: read('env').split('\n'),
          kubeconfig: read('path'),
          mode: read('mode'),
          text: read('text'),
        };
      }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
