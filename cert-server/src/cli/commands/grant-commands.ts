/** The commands of `tapseal grant`, in the order of its help. */
import type { CommandAdding } from '../subcommand.js';
import { addGrantList } from './grant-list.js';
import { addGrantRelease } from './grant-release.js';
import { addGrantWatch } from './grant-watch.js';

export const grantCommands: readonly CommandAdding[] = [addGrantList, addGrantWatch, addGrantRelease];
