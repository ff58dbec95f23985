/** A command cannot go on. The message is one sentence for the user, with the next step in it. */
export class CliFailure extends Error {
  override readonly name = 'CliFailure';
  readonly exitCode: 1 | 2;

  /** `exitCode`: 1 something failed, 2 the command was called in a wrong way. */
  constructor(message: string, options: { readonly exitCode?: 1 | 2; readonly cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.exitCode = options.exitCode ?? 1;
  }
}
