/** The commands of `tapseal programme`, in the order of its help. */
import type { CommandAdding } from '../subcommand.js';
import { addProgrammeCreate } from './programme-create.js';
import { addProgrammeList } from './programme-list.js';

export const programmeCommands: readonly CommandAdding[] = [addProgrammeCreate, addProgrammeList];
