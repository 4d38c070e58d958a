/**
 * The examples of the docs: fenced blocks. After the language a block may say `file=NAME`, the name it has in the reader's
 * own folder, and `run`, which makes it part of a test that runs it (test/e2e/docs.test.ts). All code is type-checked.
 */
import {readdirSync, readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Block {
  /** Relative to the repository. */
  page: string;
  line: number;
  lang: string;
  file: string | undefined;
  run: boolean;
  code: string;
}

const PAGES = ['README.md', ...readdirSync(`${root}/docs`).map(name => `docs/${name}`)].filter(
  // Records of what was, not instructions for what is.
  name => name.endsWith('.md') && !/decisions|parity/.test(name),
);

export function blocksOf(page: string): Block[] {
  const text = readFileSync(`${root}/${page}`, 'utf8');
  return [...text.matchAll(/^```(\w+)([^\n]*)\n([\s\S]*?)^```$/gm)].map(
    ({1: lang = '', 2: info = '', 3: code = '', index}) => ({
      page,
      line: text.slice(0, index).split('\n').length,
      lang,
      file: /file=(\S+)/.exec(info)?.[1],
      run: /\brun\b/.test(info),
      code,
    }),
  );
}

export const allBlocks = (): Block[] => PAGES.flatMap(blocksOf);
