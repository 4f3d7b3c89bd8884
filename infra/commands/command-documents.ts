import { CfnDocument } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { assembleDocument, documentNames } from '../../ssm-documents/assemble.ts';
import { pascalCase } from '../lib/placeholders.ts';
import type { Registry } from '../lib/registry.ts';
import { assertAllDeclared, fillParameters, type ParameterValues } from './document-parameters.ts';
import { assertDocument } from './document-rules.ts';

export interface CommandDocumentsProps {
  readonly clusterName: string;
  readonly registry: Registry;
  /** Everything that documents are told about the cluster; each takes what it declares. */
  readonly parameters: ParameterValues;
}

/** The Systems Manager documents of ssm-documents/, each named `<cluster>-<folder>`. */
export class CommandDocuments extends Construct {
  readonly physicalNames: readonly string[];
  /** How long the slowest document may run. */
  readonly maxTimeoutSeconds: number;

  constructor(scope: Construct, id: string, { clusterName, registry, parameters }: CommandDocumentsProps) {
    super(scope, id);
    const documents = documentNames.map((name) => {
      const content = fillParameters(name, assembleDocument(name), parameters);
      assertDocument(name, content);
      const physicalName = `${clusterName}-${name}`;
      new CfnDocument(this, pascalCase(name), {
        name: physicalName,
        documentType: 'Command',
        documentFormat: 'JSON',
        targetType: '/AWS::EC2::Instance',
        updateMethod: 'NewVersion', // a named document can only be changed in place
        content,
      });
      registry.addDocument(name, physicalName);
      return { content, physicalName };
    });
    const contents = documents.map(({ content }) => content);
    assertAllDeclared(contents, parameters);
    this.physicalNames = documents.map(({ physicalName }) => physicalName);
    this.maxTimeoutSeconds = Math.max(...contents.map(({ mainSteps: [{ inputs }] }) => Number(inputs.timeoutSeconds)));
  }
}
