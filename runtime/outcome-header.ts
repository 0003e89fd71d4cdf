/**
 * With which a subgraph tells the gateway that its answer has no errors (`ok`), so that nobody has to look into it. Only the
 * gateway is told.
 */
export const outcomeHeader = 'asof-outcome';
