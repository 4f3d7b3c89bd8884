import { Token } from 'aws-cdk-lib';
import { describe, expect, it } from 'vitest';
import { assertAllDeclared, fillParameters } from '#infra/commands/document-parameters.ts';
import { InvalidDocumentError } from '#infra/commands/document-rules.ts';
import { assembleDocument, documentNames } from '#ssm-documents/assemble.ts';
import { clusterTemplate, only } from '#support/infra.ts';

const document = assembleDocument('install-network');
const template = clusterTemplate();
const values = { ClusterName: 'shapes', PodCidr: '10.244.0.0/16', ManifestsUri: 's3://assets/addons.zip' };

describe('document parameters', () => {
  it.each(documentNames)('every parameter of %s has a default in the deployed document', (name) => {
    const { parameters } = only(template, 'AWS::SSM::Document', ({ Name }) => Name === `shapes-${name}`).Properties
      .Content;
    expect(Object.keys(parameters)).toEqual(Object.keys(assembleDocument(name).parameters));
    for (const { default: value } of Object.values<{ default?: unknown }>(parameters)) expect(value).toBeDefined();
  });

  it('the files in ssm-documents hold no values of a cluster', () => {
    const defaults = documentNames.flatMap((name) =>
      Object.values(assembleDocument(name).parameters).flatMap(({ default: value }) => value ?? []),
    );
    expect(defaults).toEqual([]);
  });

  it('each parameter takes the value of its name and leaves the others out', () => {
    const filled = fillParameters('install-network', document, { ...values, ServiceCidr: '10.96.0.0/12' });
    const defaults = Object.entries(filled.parameters).map(([name, { default: value }]) => [name, value]);
    expect(Object.fromEntries(defaults)).toEqual(values);
    expect(filled.mainSteps).toBe(document.mainSteps);
  });

  it('a parameter without a value is refused by name', () => {
    const { PodCidr: _, ...others } = values;
    expect(() => fillParameters('install-network', document, others)).toThrow(
      new InvalidDocumentError(
        'ssm-documents/install-network: parameter PodCidr has no value; infra has ClusterName, ManifestsUri',
      ),
    );
  });

  it("a value that the parameter's own pattern forbids is refused, if it is known at synthesis", () => {
    expect(() => fillParameters('install-network', document, { ...values, PodCidr: 'all' })).toThrow(
      "ssm-documents/install-network: PodCidr 'all' does not match ^",
    );
    const token = Token.asString({ Ref: 'Bucket' });
    expect(() => fillParameters('install-network', document, { ...values, PodCidr: token })).not.toThrow();
  });

  it('a value that no document declares is refused by name', () => {
    expect(() => assertAllDeclared([document], { ...values, Old: 'x' })).toThrow(
      new InvalidDocumentError('no document declares the parameter Old'),
    );
  });
});
