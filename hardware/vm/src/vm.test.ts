import { describe, expect, test } from 'vitest';

import { runInVm } from './run-in-vm.js';
import { vmRequirements } from './vm-requirements.js';

// The guest has Node and the built files; `npm test` builds before it tests.
const smoke = 'hardware/vm/dist/smoke';
const timeoutMs = 600_000;

const requirements = vmRequirements();
// On the build machine a missing requirement has to fail, not to be passed over.
const skip = !requirements.ok && process.env.CI === undefined;
const enable = requirements.ok ? '' : ` (to enable: ${requirements.enable})`;

describe.skipIf(skip)(`virtual machine with the real Linux Bluetooth stack${enable}`, () => {
  test('unmodified noble and bleno scan, connect, write, notify and read through it', {
    timeout: timeoutMs + 20_000,
  }, async () => {
    const { exitCode, lines } = await runInVm({ command: ['node', `${smoke}/main.js`], timeoutMs });
    expect(lines).toContainEqual('peripheral: advertising');
    expect(lines).toContainEqual(expect.stringMatching(/^peripheral: mtu \d+$/));
    expect(lines).toContainEqual('peripheral: disconnected');
    expect(exitCode, lines.join('\n')).toBe(0);
  });

  test('gpioset and gpioget of the system drive and read a chip that is watched', {
    timeout: timeoutMs + 20_000,
  }, async () => {
    const { exitCode, lines } = await runInVm({ command: ['node', `${smoke}/gpio.js`], timeoutMs });
    expect(lines.at(-1)).toBe('gpio: ok');
    expect(exitCode, lines.join('\n')).toBe(0);
  });

  test('the command has its own status, words and environment, and root, loopback and clock are right', {
    timeout: timeoutMs + 20_000,
  }, async () => {
    const script =
      'echo "$1|$GREETING"; id -u; cat /sys/class/net/lo/carrier; date +%s; echo x > /tmp/x && cat /tmp/x; printf unended; exit 7';
    const { exitCode, lines } = await runInVm({
      command: ['sh', '-c', script, 'sh', `it's "quoted" $HOME`],
      env: { GREETING: 'two words' },
      timeoutMs,
    });
    expect(lines.slice(0, 3)).toEqual([`it's "quoted" $HOME|two words`, '0', '1']);
    const skewSeconds = Math.abs(Number(lines[3]) - Date.now() / 1000);
    expect(skewSeconds).toBeLessThan(60);
    expect(lines.slice(4)).toEqual(['x', 'unended']);
    expect(exitCode).toBe(7);
  });
});
