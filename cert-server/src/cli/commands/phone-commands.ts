/** The commands of `tapseal phone`, in the order of its help. */
import type { CommandAdding } from '../subcommand.js';
import { addPhoneList } from './phone-list.js';
import { addPhoneRevoke } from './phone-revoke.js';

export const phoneCommands: readonly CommandAdding[] = [addPhoneList, addPhoneRevoke];
