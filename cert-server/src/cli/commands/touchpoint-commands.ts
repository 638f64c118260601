/** The commands of `tapseal touchpoint`, in the order of its help. */
import type { CommandAdding } from '../subcommand.js';
import { addTouchpointAdd } from './touchpoint-add.js';
import { addTouchpointCode } from './touchpoint-code.js';
import { addTouchpointEnrollFile } from './touchpoint-enroll-file.js';
import { addTouchpointList } from './touchpoint-list.js';
import { addTouchpointRevoke } from './touchpoint-revoke.js';
import { addTouchpointSet } from './touchpoint-set.js';
import { addTouchpointShow } from './touchpoint-show.js';

export const touchpointCommands: readonly CommandAdding[] = [
  addTouchpointAdd,
  addTouchpointList,
  addTouchpointShow,
  addTouchpointSet,
  addTouchpointCode,
  addTouchpointEnrollFile,
  addTouchpointRevoke,
];
