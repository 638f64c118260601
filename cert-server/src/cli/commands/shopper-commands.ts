/** The commands of `tapseal shopper`, in the order of its help. */
import type { CommandAdding } from '../subcommand.js';
import { addShopperSet } from './shopper-set.js';
import { addShopperShow } from './shopper-show.js';

export const shopperCommands: readonly CommandAdding[] = [addShopperShow, addShopperSet];
