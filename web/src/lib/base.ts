/**
 * The path below which the server lies, without a slash at its end. A build has a placeholder here,
 * which the server replaces by its own `--base-path` in everything it sends.
 */
export const BASE: string = process.env.NEXT_PUBLIC_BASE ?? "";
