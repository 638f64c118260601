/** Options that every command has. */
export type CommandOptions = {
  readonly config?: string;
  readonly stateDir?: string;
  readonly json?: boolean;
};
