/** What connects to brokers: a client of kafkajs, or something around one. */
export interface Connecting {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
}

/** Connects all of them. When one is refused none stays connected: kafkajs keeps the sockets of a connect that failed. */
export async function connectAll(clients: readonly Connecting[]): Promise<void> {
  const results = await Promise.allSettled(clients.map((client) => client.connect()));
  const refused = results.find((result) => result.status === 'rejected');
  if (refused === undefined) return;
  await Promise.allSettled(clients.map((client) => client.disconnect()));
  throw refused.reason;
}

export async function disconnectAll(clients: readonly Connecting[]): Promise<void> {
  await Promise.all(clients.map((client) => client.disconnect()));
}
