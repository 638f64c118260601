/** What is in a backup, in words. */
import type { BackupSummary } from './backup-file.js';

export function backupContents({ database, programmes, decisions, files }: BackupSummary): string {
  const counted = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;
  const keys = counted(files, 'key and certificate file');
  if (database === undefined) return `${keys}, and no database`;
  return [counted(programmes, 'programme'), counted(decisions, 'decision'), keys].join(', ');
}
