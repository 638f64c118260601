import { execFileSync } from 'node:child_process';

import { expect, test } from 'vitest';

import { quoteForShell, writeGuestInit } from './guest-init.js';

test.each(['', 'plain', `it's`, '$HOME `id` "x" \\', 'two\nlines', `''''`])(
  'a shell reads back what was quoted: %j',
  (word) => {
    expect(execFileSync('sh', ['-c', `printf %s ${quoteForShell(word)}`], { encoding: 'utf8' })).toBe(word);
  },
);

test('the script is one the shell can parse, whatever the command has in it', () => {
  const init = writeGuestInit(
    {
      command: ['node', `it's`, '$(reboot)', 'a\nb'],
      env: { WORDS: `o'ne "two"` },
      folder: `/some 'where`,
      marker: 'vm-0',
    },
    ['one.ko'],
  );
  expect(() => execFileSync('sh', ['-n'], { input: init, stdio: ['pipe', 'ignore', 'pipe'] })).not.toThrow();
});
