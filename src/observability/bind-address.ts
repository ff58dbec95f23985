/** Where a server listens. */
export interface BindAddress {
  /** Absent: every address of the machine. */
  readonly host?: string;
  /** 0 to 65535; 0 takes a free one. */
  readonly port: number;
}

/**
 * Reads `:8080`, `127.0.0.1:8080` or `[::1]:8080`; `0` means that the server is off (controller-runtime's convention).
 * Throws RangeError with a sentence that says what is wrong.
 */
export function parseBindAddress(text: string): BindAddress | 'off' {
  if (text === '0') return 'off';
  const match = /^(?:\[(?<v6>[0-9a-fA-F:.]+)\]|(?<name>[\w.-]*)):(?<port>\d{1,5})$/.exec(text);
  const port = Number(match?.groups?.['port']);
  if (match === null || port > 65_535) {
    throw new RangeError(`must be 'HOST:PORT', ':PORT' or '0' for off, not '${text}'`);
  }
  const host = match.groups?.['v6'] ?? match.groups?.['name'] ?? '';
  return host === '' ? { port } : { host, port };
}

export function formatBindAddress({ host, port }: BindAddress): string {
  return `${host?.includes(':') ? `[${host}]` : (host ?? '')}:${port}`;
}
