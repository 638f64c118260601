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
  if (options.check) await assertSchema(location);
  else if (before.step < newest) await migrateStore(location, context.now());
  else if (before.step > newest) await assertSchema(location);
  const { step } = await schemaStateOf(location);
  if (step !== newest) throw new TapsealError('schema_outdated', `${database} is at step ${step} still`);
  printAnswer(context, options, { kind: location.kind, database, from: before.step, step }, () =>
    before.step === step
      ? `${database} is at step ${step}, the newest: nothing to do.`
      : `${database} went from step ${before.step} to step ${step}, the newest.`,
  );
}
