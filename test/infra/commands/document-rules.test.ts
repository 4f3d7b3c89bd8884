import { describe, expect, it } from 'vitest';
import { assertDocument, InvalidDocumentError } from '#infra/commands/document-rules.ts';
import { assembleDocument, type CommandDocument, documentNames } from '#ssm-documents/assemble.ts';

const parameter = {
  type: 'String',
  description: 'Name of the cluster',
  allowedPattern: '^[a-z]+$',
  interpolationType: 'ENV_VAR',
} as const;

const document = (changes: object = {}): CommandDocument => ({
  schemaVersion: '2.2',
  description: 'Does it',
  parameters: { ClusterName: parameter },
  mainSteps: [
    {
      action: 'aws:runShellScript',
      name: 'doIt',
      inputs: { runCommand: ['#!/usr/bin/env bash'], timeoutSeconds: '60' },
    },
  ],
  ...changes,
});

describe('assertDocument', () => {
  it.each(documentNames)('assertDocument accepts %s', (name) => {
    expect(() => assertDocument(name, assembleDocument(name))).not.toThrow();
  });

  it.each([
    ['another schema', { schemaVersion: '0.3' }, "schemaVersion is '0.3', allowed is '2.2'"],
    ['no step', { mainSteps: [] }, 'mainSteps has 0 steps, allowed is 1'],
    ['two steps', { mainSteps: [...document().mainSteps, ...document().mainSteps] }, 'mainSteps has 2 steps'],
    ['another action', { mainSteps: [{ action: 'aws:runDocument' }] }, "action is 'aws:runDocument'"],
    [
      'an empty script',
      { mainSteps: [{ ...document().mainSteps[0], inputs: { runCommand: [], timeoutSeconds: '1' } }] },
      'runCommand is empty',
    ],
    [
      'a parameter that would be pasted into the script',
      { parameters: { ClusterName: { ...parameter, interpolationType: undefined } } },
      "ClusterName.interpolationType is missing, allowed is 'ENV_VAR'",
    ],
    [
      'a pattern that matches a part only',
      { parameters: { ClusterName: { ...parameter, allowedPattern: '[a-z]+' } } },
      'ClusterName.allowedPattern must begin with ^ and end with $',
    ],
    ['more than Systems Manager takes', { description: 'x'.repeat(65_536) }, /it has \d+ bytes, allowed are 65536/],
  ])('assertDocument refuses %s', (_what, changes, message) => {
    const refuse = () => assertDocument('do-it', document(changes));
    expect(refuse).toThrow(InvalidDocumentError);
    expect(refuse).toThrow(message);
  });
});
