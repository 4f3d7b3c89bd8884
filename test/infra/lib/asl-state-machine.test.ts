import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { afterAll, describe, expect, it } from 'vitest';
import { AslStateMachine, UnknownPlaceholderError } from '#infra/lib/asl-state-machine.ts';
import { IncompleteRegistryError, Registry } from '#infra/lib/registry.ts';
import { clusterConfig, definitionOf } from '#support/infra.ts';

const folder = mkdtempSync(join(tmpdir(), 'stepkube-test-asl-'));
afterAll(() => rmSync(folder, { recursive: true }));

const fileOf = (states: object) => {
  const file = join(folder, 'do-it.asl.json');
  writeFileSync(file, JSON.stringify({ StartAt: Object.keys(states)[0], TimeoutSeconds: 100, States: states }));
  return file;
};
const task = (resource: string, more: object = {}) => ({ Type: 'Task', Resource: resource, ...more, End: true });

/** A stack with the functions do-this and do-that in its registry. */
function createStack() {
  const stack = new Stack(new App());
  const registry = new Registry();
  for (const name of ['do-this', 'do-that']) {
    const resource = new LambdaFunction(stack, name, {
      runtime: Runtime.NODEJS_24_X,
      handler: 'index.handler',
      code: Code.fromInline('exports.handler = () => {};'),
    });
    registry.addFunction(name, { resource, timeoutSeconds: 35 });
  }
  const build = (name: string, states: object) =>
    new AslStateMachine(stack, name, { config: clusterConfig(), name, registry, file: fileOf(states) });
  return { stack, registry, build };
}

describe('AslStateMachine', () => {
  it('a state machine may invoke exactly the functions that its file names', () => {
    const { stack, build } = createStack();
    build('do-it', { First: task('${DoThis}') });
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::StepFunctions::StateMachine', {
      StateMachineName: 'shapes-do-it',
      TracingConfiguration: { Enabled: true },
      LoggingConfiguration: { Level: 'ALL', IncludeExecutionData: false },
    });
    const [doThis] = Object.keys(template.findResources('AWS::Lambda::Function'));
    expect(definitionOf(template, 'do-it').States['First']!.Resource).toBe(doThis);
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Action: 'lambda:InvokeFunction', Resource: { 'Fn::GetAtt': [doThis, 'Arn'] } }),
        ]),
      },
    });
  });

  it('a state machine may start and follow exactly the machines that its file names', () => {
    const { stack, build } = createStack();
    build('child', { First: task('${DoThis}') });
    build('parent', {
      First: task('arn:aws:states:::states:startExecution.sync:2', {
        Parameters: { StateMachineArn: '${ChildMachine}' },
        TimeoutSeconds: '${ChildMachineTimeoutSeconds}',
      }),
    });
    const template = Template.fromStack(stack);
    expect(definitionOf(template, 'parent').States['First']!.TimeoutSeconds).toBe(400);
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Action: 'states:StartExecution', Resource: { Ref: Match.stringLikeRegexp('child') } }),
        ]),
      },
    });
  });

  it('placeholders become numbers, objects with references, and parts of texts', () => {
    const { stack, registry, build } = createStack();
    const topic = new Topic(stack, 'Topic');
    registry.addDocument('fix-it', 'shapes-fix-it');
    registry.addValue('OtherSettings', { topic: topic.topicArn, nested: { quote: 'a "quoted" $.text' } });
    build('do-it', {
      First: task('${DoThis}', {
        TimeoutSeconds: '${DoThisTimeoutSeconds}',
        Parameters: '${OtherSettings}',
        Comment: '${FixItDocument} within ${DoThisTimeoutSeconds} seconds',
      }),
    });
    const template = Template.fromStack(stack);
    const [topicId] = Object.keys(template.findResources('AWS::SNS::Topic'));
    expect(definitionOf(template, 'do-it').States['First']).toMatchObject({
      TimeoutSeconds: 35,
      Parameters: { topic: topicId, nested: { quote: 'a "quoted" $.text' } },
      Comment: 'shapes-fix-it within 35 seconds',
    });
  });

  it('a placeholder that nothing is registered for is an error that names it', () => {
    const { build } = createStack();
    expect(() => build('do-it', { First: task('${DoThis}'), Second: task('${DoOther}') })).toThrow(
      new UnknownPlaceholderError('do-it.asl.json: nothing is registered for DoOther'),
    );
  });
});

describe('Registry', () => {
  it('a registered function that no state machine or rule uses is an error that names it', () => {
    const { registry, build } = createStack();
    build('do-it', { First: task('${DoThis}') });
    const check = () => registry.assertComplete({ functions: ['do-this', 'do-that'], machines: ['do-it'] });
    expect(check).toThrow(new IncompleteRegistryError('${DoThat} is registered, but no state machine or rule uses it'));
    registry.function('do-that'); // as a rule does
    expect(check).not.toThrow();
  });

  it('a document or value that no state machine uses is an error that names it', () => {
    const registry = new Registry();
    registry.addDocument('fix-it', 'shapes-fix-it');
    registry.addValue('OtherSettings', {});
    expect(() => registry.assertComplete({ functions: [], machines: [] })).toThrow(/FixItDocument.*OtherSettings/);
  });

  it('a folder in lambdas/ or a file in state-machines/ that infra does not create is an error that names it', () => {
    expect(() => new Registry().assertComplete({ functions: ['do-other'], machines: ['run-it'] })).toThrow(
      new IncompleteRegistryError(
        'lambdas/do-other exists, but infra does not create it; state-machines/run-it.asl.json exists, but infra does not create it',
      ),
    );
  });

  it('a function or machine that is used before it is created is an error that names it', () => {
    expect(() => new Registry().function('do-this')).toThrow('the function do-this is used before it is created');
    expect(() => new Registry().machine('do-it')).toThrow('the state machine do-it is used before it is created');
  });
});
