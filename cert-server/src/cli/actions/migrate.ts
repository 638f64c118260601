/** `tapseal migrate`: brings the tables of a database to the newest step. */
import { TapsealError } from '@tapseal/shared/tapseal-error';
import { assertSchema, describeLocation, migrateStore, schemaStateOf } from '../../store/open-store.js';
import type { CommandContext, GlobalOptions } from '../command-context.js';
import { printAnswer } from '../print-answer.js';
import { existingStore, type StoreOptions } from '../store-options.js';

type Options = GlobalOptions & StoreOptions & { readonly check?: true };

export async function migrate(context: CommandContext, options: Options): Promise<void> {
  const location = existingStore(context, options);
  const database = describeLocation(location);
  const before = await schemaStateOf(location);
  const { newest } = before;
  const steps: number[] = [];
  const onStep = (step: number): void => {
    steps.push(step);
    // Each as it is done: the next one may take long, or fail.
    if (!options.json) context.stdout.write(`Applied step ${step} of ${newest}.\n`);
  };
  if (options.check) await assertSchema(location);
  else if (before.step < newest) await migrateStore(location, context.now(), onStep);
  else if (before.step > newest) await assertSchema(location);
  const { step } = await schemaStateOf(location);
  if (step !== newest) throw new TapsealError('schema_outdated', `${database} is at step ${step} still`);
  printAnswer(context, options, { kind: location.kind, database, from: before.step, step, steps }, () =>
    before.step === step
      ? `${database} is at step ${step}, the newest: nothing to do.`
      : `${database} went from step ${before.step} to step ${step}, the newest.`,
  );
}
