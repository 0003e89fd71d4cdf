import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { createLink, type Link } from '../../adapters/cluster/link.ts';

/** Two ends that ask each other as two processes do: what passes is copied, and comes later. */
export function linkedPair(): { readonly here: Link; readonly there: Link; close(): void } {
  const { port1, port2 } = new MessageChannel();
  const linkOver = (port: MessagePort): Link =>
    createLink({
      send: (message) => port.postMessage(message),
      onMessage: (listener) => void port.on('message', listener),
      onClose: (listener) => void port.on('close', listener),
    });
  return { here: linkOver(port1), there: linkOver(port2), close: () => port1.close() };
}
