import type { LiveMessage } from '../../core/ports/live-bus.ts';

/** A message as the stream keeps it: a JSON array that begins with its kind. */
export function encodeMessage(message: LiveMessage): string {
  switch (message.kind) {
    case 'featureUpdate':
      return JSON.stringify(['u', message.view, message.version, message.eventTime, message.arrival, message.keys]);
    case 'freshnessAlert':
      return JSON.stringify(['a', message.incidentId, message.state]);
    case 'datasetProgress':
      return JSON.stringify(['d', message.datasetId]);
    case 'registryChange':
      return JSON.stringify(['r', message.revision]);
  }
}

/** null for what `encodeMessage` of this release cannot have written. */
export function decodeMessage(text: string): LiveMessage | null {
  const parts = parsed(text);
  if (!Array.isArray(parts)) return null;
  const [kind, first, second, third, fourth, fifth] = parts as readonly unknown[];
  switch (kind) {
    case 'u':
      return typeof first === 'string' && isWhole(second) && isWhole(third) && isWhole(fourth) && isKeys(fifth)
        ? { kind: 'featureUpdate', view: first, version: second, keys: fifth, eventTime: third, arrival: fourth }
        : null;
    case 'a':
      return typeof first === 'string' && (second === 'FIRING' || second === 'RESOLVED')
        ? { kind: 'freshnessAlert', incidentId: first, state: second }
        : null;
    case 'd':
      return typeof first === 'string' ? { kind: 'datasetProgress', datasetId: first } : null;
    case 'r':
      return isWhole(first) ? { kind: 'registryChange', revision: first } : null;
    default:
      return null;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

function isKeys(value: unknown): value is readonly (readonly unknown[])[] {
  return Array.isArray(value) && value.every(Array.isArray);
}
