/** The commands of `tapseal offer`, in the order of its help. */
import type { CommandAdding } from '../subcommand.js';
import { addOfferChange } from './offer-change.js';
import { addOfferCreate } from './offer-create.js';
import { addOfferDryRun } from './offer-dry-run.js';
import { addOfferExplain } from './offer-explain.js';
import { addOfferList } from './offer-list.js';
import { addOfferPause } from './offer-pause.js';
import { addOfferResume } from './offer-resume.js';
import { addOfferShow } from './offer-show.js';
import { addOfferVersions } from './offer-versions.js';

export const offerCommands: readonly CommandAdding[] = [
  addOfferCreate,
  addOfferChange,
  addOfferList,
  addOfferShow,
  addOfferVersions,
  addOfferExplain,
  addOfferDryRun,
  addOfferPause,
  addOfferResume,
];
