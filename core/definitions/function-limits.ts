/** Steps (calls, turns of loops, moves of a regular expression) of one call of a user's function: about 10 ms. */
export const defaultMaxSteps = 100_000;
export const leastMaxSteps = 100;
export const greatestMaxSteps = 1_000_000;

/** A function is kept in each registered version that has it, and sent to each process. */
export const maxSourceLength = 65_536;
