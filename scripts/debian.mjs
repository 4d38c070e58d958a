/** Installing Debian's packages, for what the tests need and the machine may be given. */
import {existsSync, readFileSync} from 'node:fs';
import {Failure, run} from './proc.mjs';

export const isRootOnDebian = () =>
  process.getuid?.() === 0 &&
  existsSync('/etc/os-release') &&
  /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'));

async function apt(...args) {
  const {code, output} = await run('apt-get', args, {quiet: true, env: {DEBIAN_FRONTEND: 'noninteractive'}});
  if (code !== 0) throw new Failure(`apt-get ${args.join(' ')} failed:\n${output.slice(-2000)}`);
}

export async function installFromDebian(packages) {
  const install = async () => {
    await apt('update', '-q');
    await apt('install', '-q', '-y', '--no-install-recommends', ...packages);
  };
  // Mirrors are in the middle of an update now and then: once more from a fresh list.
  await install().catch(install);
}
