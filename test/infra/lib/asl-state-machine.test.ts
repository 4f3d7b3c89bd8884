import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { afterAll, describe, expect, it } from 'vitest';
import { AslStateMachine, SubstitutionMismatchError } from '#infra/lib/asl-state-machine.ts';
import { clusterConfig } from '#support/infra.ts';

const folder = mkdtempSync(join(tmpdir(), 'stepkube-test-asl-'));
afterAll(() => rmSync(folder, { recursive: true }));

const definition = (...placeholders: string[]) => {
  const file = join(folder, `${placeholders.join('-')}.asl.json`);
  const states = placeholders.map((name) => [name, { Type: 'Task', Resource: `\${${name}}`, End: true }]);
  writeFileSync(file, JSON.stringify({ StartAt: placeholders[0], States: Object.fromEntries(states) }));
  return file;
};

const build = (file: string, functions: readonly string[], texts: Readonly<Record<string, string>> = {}) => {
  const stack = new Stack(new App());
  const lambda = (name: string) =>
    new LambdaFunction(stack, name, {
      runtime: Runtime.NODEJS_24_X,
      handler: 'index.handler',
      code: Code.fromInline('exports.handler = () => {};'),
    });
  const machine = new AslStateMachine(stack, 'Machine', {
    config: clusterConfig(),
    name: 'do-it',
    file,
    functions: Object.fromEntries(functions.map((name) => [name, lambda(name)])),
    texts,
  });
  return { stack, machine };
};

describe('AslStateMachine', () => {
  it('fills in functions and lets the machine invoke exactly these', () => {
    const { stack } = build(definition('DoThis', 'DoThat'), ['DoThis', 'DoThat']);
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::StepFunctions::StateMachine', {
      StateMachineName: 'shapes-do-it',
      DefinitionSubstitutions: {
        DoThis: { 'Fn::GetAtt': Match.anyValue() },
        DoThat: { 'Fn::GetAtt': Match.anyValue() },
      },
      TracingConfiguration: { Enabled: true },
      LoggingConfiguration: { Level: 'ALL', IncludeExecutionData: false },
    });
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Action: 'lambda:InvokeFunction',
            Resource: [{ 'Fn::GetAtt': Match.anyValue() }, { 'Fn::GetAtt': Match.anyValue() }],
          }),
        ]),
      },
    });
  });

  it('names the placeholder that nothing fills in', () => {
    expect(() => build(definition('DoThis', 'DoThat'), ['DoThis'])).toThrow(
      new SubstitutionMismatchError('DoThis-DoThat.asl.json: it names DoThat, which nothing fills in'),
    );
  });

  it('names what is filled in and stands nowhere', () => {
    expect(() => build(definition('DoThis'), ['DoThis', 'Forgotten'], { Old: 'text' })).toThrow(
      new SubstitutionMismatchError('DoThis.asl.json: it does not name Forgotten, Old, which infra fills in'),
    );
  });
});
