/**
 * The first process of the virtual machine, as a shell script: mounts, Bluetooth, the command, power off.
 *
 * The kernel's messages go to the first serial port, the command's output and the lines below to the second one, so that neither
 * garbles the other.
 */

/** What the guest runs, and the word that marks the guest's own lines on the second serial port. */
export interface GuestJob {
  /** The command and its arguments, run as root in the checkout's folder. */
  command: readonly string[];
  /** Environment of the command, beside PATH and HOME. */
  env: Readonly<Record<string, string>>;
  /** Working folder of the command. */
  folder: string;
  /** A random word, so that no line of the command can be taken for one of ours. */
  marker: string;
}

/**
 * The text of `/init`. Lines it prints: `MARKER ready` when both adapters are up, `MARKER exit N` with the command's status, or
 * `MARKER failed STEP` when the guest itself could not be set up.
 */
export function writeGuestInit(job: GuestJob, modules: readonly string[]): string {
  const variables = Object.entries({
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: '/root',
    LANG: 'C.UTF-8',
    BLENO_HCI_DEVICE_ID: '0',
    NOBLE_HCI_DEVICE_ID: '1',
    ...job.env,
  }).map(([name, value]) => quoteForShell(`${name}=${value}`));
  return `#!/bin/busybox sh
say() { echo "${job.marker} $*" > /dev/ttyS1; }
off() { busybox sync; busybox poweroff -f; }
must() { "$@" || { say failed "$*"; off; }; }

must busybox mount -t proc proc /proc
must busybox mount -t sysfs sys /sys
must busybox mount -t devtmpfs dev /dev
busybox stty -F /dev/ttyS1 115200 raw -echo

for module in ${modules.join(' ')}; do must busybox insmod /modules/$module; done

must busybox mount -t 9p -o ro,trans=virtio,version=9p2000.L,msize=262144,cache=loose hostroot /host
must busybox mount -t tmpfs tmpfs /layer
busybox mkdir /layer/upper /layer/work
must busybox mount -t overlay -o lowerdir=/host,upperdir=/layer/upper,workdir=/layer/work overlay /root

for folder in proc sys dev; do must busybox mount --bind /$folder /root/$folder; done
must busybox mount -t tmpfs -o mode=755 tmpfs /root/run
must busybox mount -t debugfs debugfs /root/sys/kernel/debug
busybox mkdir -p /root/dev/shm /root/dev/pts
must busybox mount -t tmpfs tmpfs /root/dev/shm
must busybox mount -t devpts devpts /root/dev/pts

must busybox ip link set lo up
must busybox hostname tapseal-vm

in_root() { busybox chroot /root /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"; }
in_root btvirt -L -l2 > /root/run/btvirt.log 2>&1 &
busybox echo $! > /root/run/btvirt.pid
tries=0
until [ -e /root/sys/class/bluetooth/hci0 ] && [ -e /root/sys/class/bluetooth/hci1 ]; do
  tries=$((tries + 1))
  [ $tries -lt 300 ] || { say failed "btvirt: $(busybox cat /root/run/btvirt.log)"; off; }
  busybox usleep 100000
done
must in_root hciconfig hci0 up
must in_root hciconfig hci1 up
say ready

busybox chroot /root /usr/bin/env -i ${variables.join(' ')} /bin/sh -c ${quoteForShell(
    `cd ${quoteForShell(job.folder)} && exec ${job.command.map(quoteForShell).join(' ')}`,
  )} > /dev/ttyS1 2>&1 < /dev/null
say exit $?
off
`;
}

/** One word for a POSIX shell, whatever characters it has. */
export function quoteForShell(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
