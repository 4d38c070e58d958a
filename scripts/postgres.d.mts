export function findPostgres(): string | undefined;
export function whyNoPostgres(): string | undefined;
export function ensurePostgres(): Promise<string>;
