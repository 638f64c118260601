/** `tapseal-beacon run`. */
import { requireConfig, stateDirectory } from '../config/config-file.js';
import { Log } from '../run/log.js';
import { monotonicMs } from '../run/monotonic.js';
import { runBox } from '../run/run-box.js';
import type { CommandOptions } from './command-options.js';
import { EXIT_OK } from './exit-codes.js';

export async function commandRun(options: CommandOptions): Promise<number> {
  const { config } = requireConfig(options.config, process.env);
  // bleno prints warnings of its own; standard output belongs to our events.
  console.log = console.error;
  const log = new Log({
    json: options.json === true,
    level: config.logLevel ?? (options.json === true ? 'debug' : 'info'),
    journal: process.env.JOURNAL_STREAM !== undefined,
    write: (line) => process.stdout.write(line),
    nowMs: monotonicMs,
  });
  await runBox({
    config,
    stateDirectory: stateDirectory(options.stateDir ?? config.stateDirectory, process.env),
    log,
    nowMs: monotonicMs,
  });
  return EXIT_OK;
}
