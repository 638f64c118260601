/**
 * The Linux kernel the virtual machine boots: Debian's own, downloaded and unpacked, never installed.
 *
 * Only the kernel image and the modules named below are kept, under `.cache/vm/` of the checkout. The package comes through apt,
 * which checks its signature; nothing of it runs on the host.
 */
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the checkout; `src/` and `dist/` lie at the same depth. */
export const checkoutFolder: string = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');

const cacheFolder = join(checkoutFolder, '.cache', 'vm');

/** Raised whenever the modules kept in the cache change, so that an older cache is not taken for a whole one. */
const cacheVersion = 1;

const wantedModules = [
  // The host's root as the guest's root, with a writable layer above it.
  'virtio_pci',
  '9pnet_virtio',
  '9p',
  'overlay',
  // Bluetooth, and a controller that lives in user space.
  'bluetooth',
  'hci_vhci',
  // btvirt computes its keys through the kernel's crypto sockets.
  'af_alg',
  'algif_skcipher',
  'algif_hash',
  'cmac',
  'ecb',
  // GPIO lines that a process can play: the driver of a USB GPIO chip, over HID devices from user space.
  'uhid',
  'hid_cp2112',
];

/** Where the kernel image and its modules lie, the modules in the order in which they have to be loaded. */
export interface Kernel {
  image: string;
  modules: string[];
}

/** The newest kernel in the cache, or undefined when none was unpacked yet. */
export function findCachedKernel(): Kernel | undefined {
  if (!existsSync(cacheFolder)) return undefined;
  const folders = readdirSync(cacheFolder)
    .filter((name) => name.startsWith(`kernel-v${cacheVersion}-`))
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  const newest = folders.at(-1);
  return newest === undefined ? undefined : readKernelFolder(join(cacheFolder, newest));
}

/**
 * The kernel package that Debian's `linux-image-amd64` stands for, or undefined where apt does not know it (no apt, or package
 * lists never fetched).
 */
export function findKernelPackage(): string | undefined {
  try {
    const text = execFileSync('apt-cache', ['depends', 'linux-image-amd64'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return /Depends: (linux-image-\S+)/.exec(text)?.[1];
  } catch {
    return undefined;
  }
}

/** The cached kernel; downloads and unpacks one first if there is none. Throws when apt cannot get it. */
export function prepareKernel(): Kernel {
  const cached = findCachedKernel();
  if (cached !== undefined) return cached;
  const packageName = findKernelPackage();
  if (packageName === undefined) throw new Error('apt does not know linux-image-amd64; run: apt-get update');
  mkdirSync(cacheFolder, { recursive: true });
  const workFolder = join(cacheFolder, `unpack-${process.pid}`);
  mkdirSync(workFolder);
  try {
    execFileSync('apt-get', ['download', packageName], {
      cwd: workFolder,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const archive = readdirSync(workFolder).find((name) => name.endsWith('.deb'));
    if (archive === undefined) throw new Error(`apt-get download ${packageName} left no package`);
    const treeFolder = join(workFolder, 'tree');
    execFileSync('dpkg', ['-x', archive, treeFolder], { cwd: workFolder });
    const keptFolder = join(workFolder, 'kept');
    keepWhatIsNeeded(treeFolder, keptFolder);
    const finalFolder = join(
      cacheFolder,
      `kernel-v${cacheVersion}-${packageName.replace('linux-image-', '')}`,
    );
    // Another process may have been faster; its copy is as good as ours.
    if (!existsSync(finalFolder)) renameSync(keptFolder, finalFolder);
    return readKernelFolder(finalFolder);
  } finally {
    rmSync(workFolder, { recursive: true, force: true });
  }
}

function keepWhatIsNeeded(treeFolder: string, keptFolder: string): void {
  const release = readdirSync(join(treeFolder, 'lib', 'modules'))[0];
  if (release === undefined) throw new Error('the kernel package has no modules');
  execFileSync('/usr/sbin/depmod', ['-b', treeFolder, release]);
  mkdirSync(keptFolder);
  copyFileSync(join(treeFolder, 'boot', `vmlinuz-${release}`), join(keptFolder, 'vmlinuz'));
  const order: string[] = [];
  for (const module of wantedModules) {
    // `modprobe --show-depends` prints "insmod PATH" for each module that has to be loaded, dependencies first.
    const plan = execFileSync(
      '/usr/sbin/modprobe',
      ['-d', treeFolder, '-S', release, '--show-depends', module],
      {
        encoding: 'utf8',
      },
    );
    for (const [, path] of plan.matchAll(/^insmod (\S+)/gm)) {
      if (path === undefined || order.includes(basename(path))) continue;
      order.push(basename(path));
      copyFileSync(path, join(keptFolder, basename(path)));
    }
  }
  writeFileSync(join(keptFolder, 'modules.order'), `${order.join('\n')}\n`);
}

function readKernelFolder(folder: string): Kernel {
  const order = readFileSync(join(folder, 'modules.order'), 'utf8').trim().split('\n');
  return { image: join(folder, 'vmlinuz'), modules: order.map((name) => join(folder, name)) };
}
