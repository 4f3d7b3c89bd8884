import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a call prints and exits with. */
export interface KubectlAnswer {
  readonly stdout?: string | object;
  readonly stderr?: string;
  readonly exitCode?: number;
}

/** A kubectl that answers as it is told and records how it was called. */
export interface ScriptedKubectl {
  readonly program: string;
  /** The calls so far: arguments, environment, and the kubeconfig's path, mode and content at the time of the call. */
  calls(): { args: string; environment: string[]; kubeconfig: string; mode: string; text: string }[];
  remove(): void;
}

/**
 * @param answers by the first words of the call, such as 'apply' or 'rollout status deployment/polybot'. A call without an
 * answer prints nothing and succeeds.
 */
export function writeScriptedKubectl(answers: Readonly<Record<string, KubectlAnswer>>): ScriptedKubectl {
  const folder = mkdtempSync(join(tmpdir(), 'scripted-kubectl-'));
  const program = join(folder, 'kubectl');
  const callsFolder = join(folder, 'calls');
  const answersFolder = join(folder, 'answers');
  mkdirSync(callsFolder);
  mkdirSync(answersFolder);
  for (const [index, [words, answer]] of Object.entries(answers).entries()) {
    const { stdout = '', stderr = '', exitCode = 0 } = answer;
    const write = (ending: string, content: string): void => {
      // Numbers of one length, because the script tries the answers in the order of their names.
      writeFileSync(join(answersFolder, `${String(index).padStart(3, '0')}.${ending}`), content);
    };
    write('words', words);
    write('out', typeof stdout === 'string' ? stdout : JSON.stringify(stdout));
    write('err', stderr);
    write('exit', String(exitCode));
  }
  copyFileSync(join(import.meta.dirname, 'scripted-kubectl.sh'), program);
  chmodSync(program, 0o755);
  return {
    program,
    calls: () =>
      readdirSync(callsFolder).map((call) => {
        const read = (name: string) => readFileSync(join(callsFolder, call, name), 'utf8').trim();
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
