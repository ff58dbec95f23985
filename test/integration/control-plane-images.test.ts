import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { GenericContainer, getContainerRuntimeClient } from 'testcontainers';

import { copyFromImages, publishedImages, type ProgramImage } from '../../tools/control-plane/images.ts';

// What is made here is removed here: the library's own reaper is an image that would have to be pulled.
process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true';
const engine = await getContainerRuntimeClient().catch(() => undefined);
if (engine === undefined)
  process.stderr.write('skipped: programs are not taken out of images, because no Docker engine answers\n');

it('the published images are those of the versions that are built from Go modules', () => {
  expect(publishedImages('v1.35.4').map(({ image, path }) => `${image} ${path}`)).toEqual([
    expect.stringMatching(/\/etcd:v3\.\d+\.\d+ \/usr\/local\/bin\/etcd$/),
    expect.stringMatching(/\/kube-apiserver:v1\.35\.4 \/usr\/local\/bin\/kube-apiserver$/),
    expect.stringMatching(/\/kube-controller-manager:v1\.35\.4 \/usr\/local\/bin\/kube-controller-manager$/),
    expect.stringMatching(/\/kubectl:v1\.35\.4 \/bin\/kubectl$/),
  ]);
});

(engine === undefined ? describe.skip : describe)(
  'programs out of images (skipped without an engine)',
  () => {
    const image = `localhost/modelarts-operator-programs:${randomBytes(5).toString('hex')}`;
    let home: string;
    const directory = (): string => join(home, 'copied');
    const said: string[] = [];
    const copy = (...programs: readonly ProgramImage[]): Promise<void> =>
      copyFromImages({ programs, directory: directory(), log: (text) => said.push(text) });

    beforeAll(async () => {
      home = await mkdtemp(join(tmpdir(), 'modelarts-operator-images-'));
      const context = join(home, 'context');
      await mkdir(context);
      await writeFile(join(context, 'etcd'), '#!/bin/sh\necho one\n');
      await chmod(join(context, 'etcd'), 0o755);
      await writeFile(join(context, 'Dockerfile'), 'FROM scratch\nCOPY etcd /usr/local/bin/etcd\n');
      await GenericContainer.fromDockerfile(context).build(image, { deleteOnExit: false });
    });
    afterAll(async () => {
      await engine!.container.dockerode.getImage(image).remove({ force: true });
      await rm(home, { recursive: true });
    });

    it('are there with their content and may be run, and no container is left', async () => {
      await copy({ name: 'etcd', image, path: '/usr/local/bin/etcd' });
      expect(await readdir(directory())).toEqual(['etcd']);
      expect(await readFile(join(directory(), 'etcd'), 'utf8')).toBe('#!/bin/sh\necho one\n');
      expect((await stat(join(directory(), 'etcd'))).mode & 0o111).toBe(0o111);
      const left = await engine!.container.dockerode.listContainers({ all: true });
      expect(left.filter(({ Image }) => Image === image)).toEqual([]);
      expect(said).toEqual([]);
    });

    it('are all there or none: an image without its program is named', async () => {
      await rm(directory(), { recursive: true, force: true });
      const missing = copy(
        { name: 'etcd', image, path: '/usr/local/bin/etcd' },
        { name: 'kube-apiserver', image, path: '/usr/local/bin/kube-apiserver' },
      );
      await expect(missing).rejects.toThrow(`${image} has no /usr/local/bin/kube-apiserver`);
      expect(await readdir(home)).toEqual(['context']);
    });

    it('name an image that cannot be pulled', async () => {
      const unknown = 'localhost:1/no/such/image:v1';
      const missing = copy({ name: 'etcd', image: unknown, path: '/etcd' });
      await expect(missing).rejects.toThrow(/^localhost:1\/no\/such\/image:v1 cannot be pulled: /);
    });
  },
);
