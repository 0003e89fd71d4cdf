/** Operations to paste; the start prints them, and a test runs them as printed. */
export const exampleOperations = [
  {
    title: 'How late do Atlanta and Chicago run now?',
    text: '{ airports(iata: ["ATL", "ORD"]) { iata originDelays { landed1h meanDelay1h lateShare24h meta { status eventTime } } airportFacts { name city } } }',
  },
  {
    title: 'The vector that the delay model reads',
    text: '{ featureVectors(service: "delay_model", keys: [{origin: "ATL", destination: "ORD"}], request: {distanceMiles: 606}) { names values statuses readAt } }',
  },
  {
    title: 'Watch an airport change (over WebSocket)',
    text: 'subscription { airportChanged(iata: ["ATL"]) { iata originDelays { landed1h worstDelay24h meta { readAt } } } }',
  },
] as const;
