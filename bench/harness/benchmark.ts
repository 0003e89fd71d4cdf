/** How large the inputs are, and where they lie. */
export interface Scale {
  readonly isQuick: boolean;
  /** Inputs are kept here between runs. */
  readonly folder: string;
  /** Measured runs of each side, after one that is not counted. */
  readonly runs: number;
  /** A server that runs already and is to be measured alone; null = the benchmark starts both sides. */
  readonly server: AskedServer | null;
}

export const protocols = ['graphql', 'feast-http', 'feast-grpc'] as const;
export type Protocol = (typeof protocols)[number];

export interface AskedServer {
  /** `http://host:port`. */
  readonly url: string;
  readonly protocol: Protocol;
  /** Requests per second; null = as is usual for the benchmark. */
  readonly perSecond: number | null;
}

/** What one side did: a time (of one run; lower is better) and what it took. */
export interface Measured {
  /** Seconds of the median run. */
  readonly seconds: number;
  readonly [detail: string]: number | string;
}

/** Exactly one bound. */
export type Target = { readonly atLeast: number } | { readonly atMost: number };

/** One comparison. `target` null = told beside the others and judged by nobody. */
export interface Case {
  readonly name: string;
  /** How often each side was measured. */
  readonly runs: number;
  readonly ours: Measured;
  readonly baseline: Measured;
  /** What the ratio divides, in words. */
  readonly meaning: string;
  readonly ratio: number;
  readonly target: Target | null;
}

export interface Benchmark {
  readonly name: string;
  /** One sentence: what is done, against what. */
  readonly shape: string;
  run(scale: Scale): Promise<readonly Case[]>;
}

export function passes({ ratio, target }: Case): boolean {
  if (target === null) return true;
  return 'atLeast' in target ? ratio >= target.atLeast : ratio <= target.atMost;
}
