/** What publint and "are the types wrong" have against the packed package: one complaint a line. */
import {readFile} from 'node:fs/promises';
import {checkPackage, createPackageFromTarballData} from '@arethetypeswrong/core';
import {publint} from 'publint';
import {formatMessage} from 'publint/utils';

const tarball = await readFile('sync-elements.tgz');
const bytes = tarball.buffer.slice(tarball.byteOffset, tarball.byteOffset + tarball.byteLength);
const {messages, pkg} = await publint({pack: {tarball: bytes}, strict: true});
const complaints = messages.map(message => `publint: ${formatMessage(message, pkg)}`);

/** ES modules only, and Node 20 at the least: what `require` and a resolution without `exports` see doesn't count. */
const counts = ({resolutionKind}) => resolutionKind !== 'node10' && resolutionKind !== 'node16-cjs';
const {problems} = await checkPackage(createPackageFromTarballData(new Uint8Array(tarball)));
complaints.push(...problems.filter(counts).map(problem => `types: ${JSON.stringify(problem)}`));

process.stdout.write(complaints.map(complaint => `${complaint}\n`).join(''));
