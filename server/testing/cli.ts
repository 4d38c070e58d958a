/** The command line as a process of its own. */
import {type ChildProcess, execFile, spawn} from 'node:child_process';
import {after} from 'node:test';
import {fileURLToPath} from 'node:url';

const CLI = fileURLToPath(new URL('../cli.ts', import.meta.url));

export interface RunningCli {
  child: ChildProcess;
  url: string;
  exited: Promise<number | null>;
  /** All that it has printed. */
  output(): string;
}

/** Starts it, and waits until it listens. */
export async function startCli(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<RunningCli> {
  const child = spawn(process.execPath, ['--import', 'tsx', CLI, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {...process.env, ...env},
  });
  const exited = new Promise<number | null>(resolve => child.once('exit', resolve));
  after(() => child.kill('SIGKILL'));
  let output = '';
  const url = await new Promise<string>((resolve, reject) => {
    const take = (data: Buffer) => {
      output += data.toString();
      const found = /listening on (\S+)/.exec(output);
      if (found?.[1]) resolve(found[1]);
    };
    child.stdout?.on('data', take);
    child.stderr?.on('data', take);
    exited.then(code => reject(new Error(`exited with ${code}: ${output}`)));
  });
  return {child, url, exited, output: () => output};
}

/** Runs it to its end. */
export function runCli(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<{code: number; stdout: string; stderr: string}> {
  return new Promise(resolve => {
    execFile(
      process.execPath,
      ['--import', 'tsx', CLI, ...args],
      {env: {...process.env, ...env}},
      (error, stdout, stderr) => {
        resolve({code: Number(error?.code ?? 0), stdout, stderr});
      },
    );
  });
}
