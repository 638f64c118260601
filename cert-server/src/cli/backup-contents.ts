/** What is in a backup, in words. */
import type { BackupSummary } from './backup-file.js';

export function backupContents({ programmes, decisions, files }: BackupSummary): string {
  const counted = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;
  return [
    counted(programmes, 'programme'),
    counted(decisions, 'decision'),
    counted(files, 'key and certificate file'),
  ].join(', ');
}
