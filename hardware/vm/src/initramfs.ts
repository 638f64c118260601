/** The guest's first file system: busybox, the kernel modules and `/init`, as a cpio archive made anew for each run. */
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

import type { Kernel } from './kernel.js';

/** Builds the archive in `workFolder` and returns its path. `busybox` has to be the statically linked one. */
export function buildInitramfs(workFolder: string, kernel: Kernel, busybox: string, init: string): string {
  const tree = join(workFolder, 'initramfs');
  for (const folder of ['bin', 'proc', 'sys', 'dev', 'modules', 'host', 'layer', 'root']) {
    mkdirSync(join(tree, folder), { recursive: true });
  }
  copyFileSync(busybox, join(tree, 'bin', 'busybox'));
  chmodSync(join(tree, 'bin', 'busybox'), 0o755);
  for (const module of kernel.modules) copyFileSync(module, join(tree, 'modules', basename(module)));
  writeFileSync(join(tree, 'init'), init, { mode: 0o755 });
  const names = execFileSync('find', ['.', '-mindepth', '1', '-print0'], { cwd: tree });
  const archive = join(workFolder, 'initramfs.cpio');
  execFileSync(
    'cpio',
    ['--null', '--create', '--format=newc', '--quiet', '--owner=0:0', `--file=${archive}`],
    {
      cwd: tree,
      input: names,
      stdio: ['pipe', 'ignore', 'pipe'],
    },
  );
  return archive;
}
