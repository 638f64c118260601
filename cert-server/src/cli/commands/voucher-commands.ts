/** The commands of `tapseal voucher`, in the order of its help. */
import type { CommandAdding } from '../subcommand.js';
import { addVoucherShow } from './voucher-show.js';
import { addVoucherVerify } from './voucher-verify.js';

export const voucherCommands: readonly CommandAdding[] = [addVoucherShow, addVoucherVerify];
