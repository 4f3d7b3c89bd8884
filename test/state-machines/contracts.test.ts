import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { StateMachine } from 'aws-local-stepfunctions';
import { describe, expect, it } from 'vitest';
import * as errors from '#lambdas/shared/errors.ts';
import { machineText, readMachine, statesOf } from '#support/run-asl.ts';

const machines = readdirSync('state-machines').map((file) => file.replace('.asl.json', ''));
const functions = readdirSync('lambdas').filter((folder) => folder !== 'shared');
const documents = readdirSync('ssm-documents').filter((name) => existsSync(`ssm-documents/${name}/document.json`));
const thrownNames = Object.values(errors).map((ErrorClass) => new ErrorClass('').name);

const kebab = (name: string) => name.replace(/(?<!^)[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
const tasksOf = (name: string) => statesOf(readMachine(name)).filter(([, { Type }]) => Type === 'Task');

describe('errors', () => {
  it.each(Object.entries(errors))('%s has its own name, literally', (name, ErrorClass) => {
    expect(new ErrorClass('').name).toBe(name);
  });
});

describe.each(machines)('%s', (machine) => {
  it('is valid', () => {
    expect(() => new StateMachine(readMachine(machine))).not.toThrow(); // checks the whole definition
  });

  it('says what it is for', () => {
    expect(readMachine(machine)).toMatchObject({ Comment: expect.any(String), TimeoutSeconds: expect.any(Number) });
  });

  it('has placeholders for functions, documents and machines that exist', () => {
    for (const [, name] of machineText(machine).matchAll(/\$\{(\w+)\}/g)) {
      const [folder, known] = name!.endsWith('Document')
        ? [kebab(name!.slice(0, -'Document'.length)), documents]
        : name!.endsWith('Machine')
          ? [kebab(name!.slice(0, -'Machine'.length)), machines]
          : [kebab(name!), functions];
      expect(known).toContain(folder);
    }
  });

  it.each(tasksOf(machine))('%s bounds its wait, retries and catches everything', (_name, task) => {
    expect(task.TimeoutSeconds).toBeGreaterThan(0);
    expect(task.Retry?.length).toBeGreaterThan(0);
    expect(task.Catch?.at(-1)?.ErrorEquals).toEqual(['States.ALL']);
  });

  it.each(tasksOf(machine).filter(([, { Resource }]) => /^\$\{\w+\}$/.test(String(Resource))))(
    '%s tries again when Lambda or AWS is not available',
    (_name, task) => {
      const retried = (task.Retry ?? []).flatMap(({ ErrorEquals }) => ErrorEquals);
      expect(retried).toEqual(
        expect.arrayContaining(['AwsUnavailableError', 'DeadlineExceededError', 'Lambda.TooManyRequestsException']),
      );
    },
  );

  it.each(tasksOf(machine))('%s matches only errors that we throw', (_name, task) => {
    const matched = [...(task.Retry ?? []), ...(task.Catch ?? [])].flatMap(({ ErrorEquals }) => ErrorEquals);
    const own = matched.filter((name) => name.endsWith('Error'));
    expect(thrownNames).toEqual(expect.arrayContaining(own));
  });

  it('waits longer for a nested execution than that may run, so that its own cause comes first', () => {
    const { TimeoutSeconds: childRuns } = readMachine('run-command');
    const nested = tasksOf(machine).filter(
      ([name, { Resource }]) => /sync:2$/.test(String(Resource)) && name !== 'CollectDiagnostics',
    );
    for (const [, task] of nested) expect(task.TimeoutSeconds).toBeGreaterThan(childRuns!);
  });

  it('waits longer for a document than the document may run', () => {
    const { TimeoutSeconds: waits } = readMachine('run-command').States['RunDocument']!;
    for (const name of documents) {
      const { mainSteps } = JSON.parse(readFileSync(`ssm-documents/${name}/document.json`, 'utf8'));
      expect(Number(mainSteps[0].inputs.timeoutSeconds)).toBeLessThan(waits!);
    }
  });
});
