import { describe, expect, it } from 'vitest';
import { runStepkube } from '#support/stepkube.ts';

describe('wrong usage', () => {
  it.each([
    ['sinth', "unknown command 'sinth' (Did you mean synth?); ./stepkube --help lists what there is"],
    ['--hlep', "unknown option '--hlep' (Did you mean --help?); ./stepkube --help lists what there is"],
    [
      'synth --outptu x',
      "unknown option '--outptu' (Did you mean --output?); ./stepkube synth --help lists what there is",
    ],
    ['synth --output yaml', '--output yaml: must be one of text, json'],
    [
      'synth here',
      "too many arguments for 'synth'. Expected 0 arguments but got 1: here.; ./stepkube synth --help lists what there is",
    ],
    ['deploy mystack', 'mystack: only options of cdk deploy are allowed here, after --'],
    ['provision --workers 0', '--workers 0: must be a whole number from 1 up'],
    ['follow', "missing required argument 'execution'; ./stepkube follow --help lists what there is"],
    ['start --port http', '--port http: must be a whole number from 0 to 65535'],
    ['start --photo', "option '--photo <file>' argument missing; ./stepkube start --help lists what there is"],
    ['start --output json', '--output json: needs --exit, because the result is printed at the end'],
    ['start --save x.jpg', '--save x.jpg: needs --photo'],
    ['completion fish', 'shell fish: must be one of bash, zsh'],
    ['bench --only everything', '--only everything: must be one of detector, memory, services, executions, joins'],
    ['check nonsense', 'nonsense: no check begins with it; ./stepkube check --list lists them'],
    ['soak --events 5 --kills 5', '--kills 5: must be below --events 5'],
    ['images --service nginx', '--service nginx: not one of metering, model-analyzer, polybot, yolo5'],
  ])('./stepkube %s is refused in one line on stderr with exit code 2', async (line, message) => {
    const { exitCode, stdout, stderr } = await runStepkube(line.split(' '));
    expect(stderr).toBe(`✖ ${message}\n`);
    expect(stdout).toBe('');
    expect(exitCode).toBe(2);
  });
});
