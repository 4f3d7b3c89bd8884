import { readdirSync, readFileSync } from 'node:fs';
import { projectPath } from '@stepkube/tools/project-path.ts';
import { describe, expect, it } from 'vitest';

const folder = projectPath('docs', 'decisions');
const files = readdirSync(folder).filter((name) => name !== 'README.md');

describe('docs/decisions', () => {
  it('the index of decisions links every decision once, in the order of their numbers', () => {
    const index = readFileSync(`${folder}/README.md`, 'utf8');
    const linked = [...index.matchAll(/^\| \[(\d{4})\]\((\d{4}-[a-z0-9-]+\.md)\) \| \S.* \|$/gm)];
    expect(linked.map(([, , file]) => file)).toEqual(files.toSorted());
    for (const [, number, file] of linked) expect(file).toMatch(new RegExp(`^${number}-`));
  });

  it.each(files)('%s begins with its number and says its status', (file) => {
    const [title = '', , status] = readFileSync(`${folder}/${file}`, 'utf8').split('\n');
    expect(title).toMatch(new RegExp(`^# ${file.slice(0, 4)}: \\S`));
    expect(status).toMatch(/^Status: \w+, \d{4}-\d{2}-\d{2}/);
  });
});
