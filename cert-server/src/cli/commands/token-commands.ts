/** The commands of `tapseal token`, in the order of its help. */
import type { CommandAdding } from '../subcommand.js';
import { addTokenCreate } from './token-create.js';
import { addTokenList } from './token-list.js';
import { addTokenRenewOwner } from './token-renew-owner.js';
import { addTokenRevoke } from './token-revoke.js';

export const tokenCommands: readonly CommandAdding[] = [
  addTokenCreate,
  addTokenList,
  addTokenRevoke,
  addTokenRenewOwner,
];
