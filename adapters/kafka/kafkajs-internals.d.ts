declare module 'kafkajs/src/consumer/batch.js' {
  import type { FetchedMessage, FetchedPartition } from './cluster.ts';

  /** What one fetch brought for one partition, without what kafkajs's consumers hide: aborted and control records. */
  export default class Batch {
    constructor(topic: string, fetchedOffset: string, partition: FetchedPartition);
    readonly messages: readonly FetchedMessage[];
    /** The last offset that the fetch covered, hidden records included. */
    lastOffset(): string;
    isEmptyIncludingFiltered(): boolean;
  }
}
