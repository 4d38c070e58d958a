interface Report {
  passed: number;
  failed: number;
  skipped: number;
  failures: {file: string; name: string}[];
}
export function plan(
  files: string[],
  selection?: {only?: string[]; filters?: string[]; leftOut?: string[]},
): {runner: {name: string}; files: string[]}[];
export function judge(report: Report, end: {code: number; timedOut: boolean}): Report;
