/** The commands of `tapseal authority`, in the order of its help. */
import type { CommandAdding } from '../subcommand.js';
import { addAuthorityShow } from './authority-show.js';

export const authorityCommands: readonly CommandAdding[] = [addAuthorityShow];
