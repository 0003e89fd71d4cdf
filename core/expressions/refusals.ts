/** The words in which arguments are refused. */
export interface RefusalText {
  readonly message: string;
  readonly expected: string;
  readonly got: string;
  readonly remedy?: string;
}

interface Refused {
  readonly op: string;
  readonly expected: string;
  readonly got: string;
}

type ArgumentRefused = Refused & { readonly name: string };

const remedy =
  'There are no implicit conversions: convert it (toInt64, toFloat64, toDecimal, toText …), or give a literal its type with lit(value, t.…).';

/** One argument has a type that the function does not take there. */
export function typeProblem({ op, name, expected, got }: ArgumentRefused): RefusalText {
  return { message: `"${op}" does not take this type as ${name}`, expected, got, remedy };
}

/** The arguments' types do not go together. */
export function typesProblem({ op, expected, got }: Refused): RefusalText {
  return { message: `"${op}" does not take these types`, expected, got, remedy };
}

/** An argument must be a constant, or is one that the function cannot be built from. */
export function constantProblem({ op, name, expected, got }: ArgumentRefused): RefusalText {
  return { message: `"${op}" cannot be built from this as ${name}`, expected, got };
}
