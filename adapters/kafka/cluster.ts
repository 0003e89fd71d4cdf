import type { Kafka, KafkaMessage } from 'kafkajs';

/**
 * What kafkajs's own consumers use and its public surface lacks: to read a range of a partition without joining a group,
 * and to commit for a group without members. The version is pinned, and no other will come.
 */
export interface Cluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  addTargetTopic(topic: string): Promise<void>;
  refreshMetadata(): Promise<void>;
  findTopicPartitionMetadata(topic: string): readonly { readonly partitionId: number; readonly leader: number }[];
  findBroker(node: { readonly nodeId: number }): Promise<Broker>;
  /** Offset −1 = no record is as late. */
  fetchTopicsOffset(
    topics: readonly (OffsetQuestion & {
      readonly topic: string;
      readonly partitions: readonly { partition: number }[];
    })[],
  ): Promise<readonly { readonly partitions: readonly { readonly partition: number; readonly offset: string }[] }[]>;
  findGroupCoordinator(group: { readonly groupId: string }): Promise<Broker>;
}

export type OffsetQuestion = { readonly fromBeginning: boolean } | { readonly fromTimestamp: number };

export interface Broker {
  fetch(request: FetchRequest): Promise<FetchResponse>;
  offsetCommit(request: OffsetCommitRequest): Promise<void>;
  joinGroup(request: JoinRequest): Promise<Joined>;
  syncGroup(request: object): Promise<unknown>;
  leaveGroup(request: object): Promise<unknown>;
}

/** Of what kafkajs sends and gets, what we look at. */
export interface JoinRequest {
  /** '' = somebody new. */
  readonly memberId: string;
}

export interface Joined {
  readonly generationId: number;
  readonly memberId: string;
}

interface FetchRequest {
  readonly maxWaitTime: number;
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly isolationLevel: number;
  readonly topics: readonly [
    {
      readonly topic: string;
      readonly partitions: readonly [{ partition: number; fetchOffset: string; maxBytes: number }];
    },
  ];
}

interface FetchResponse {
  readonly responses: readonly { readonly partitions: readonly FetchedPartition[] }[];
}

export interface FetchedPartition {
  readonly partition: number;
  readonly highWatermark: string;
  readonly messages: readonly FetchedMessage[];
  readonly abortedTransactions: readonly unknown[];
}

/** A message with the record batch it came in. */
export type FetchedMessage = KafkaMessage & { readonly batchContext?: { readonly timestampType?: number } };

interface OffsetCommitRequest {
  readonly groupId: string;
  readonly groupGenerationId: number;
  readonly memberId: string;
  readonly topics: readonly {
    readonly topic: string;
    readonly partitions: readonly {
      readonly partition: number;
      readonly offset: string;
      readonly metadata: string | null;
    }[];
  }[];
}

const createClusterName = 'private:Kafka:createCluster';

type CreateCluster = (options: { metadataMaxAge: number; allowAutoTopicCreation: boolean }) => Cluster;

export function createCluster(kafka: Kafka): Cluster {
  const symbol = Object.getOwnPropertySymbols(kafka).find(({ description }) => description === createClusterName);
  const create = symbol === undefined ? undefined : (kafka as unknown as Record<symbol, CreateCluster>)[symbol];
  if (create === undefined) throw new Error(`kafkajs has no ${createClusterName}: is it another version than 2.2.4?`);
  return create({ metadataMaxAge: 300_000, allowAutoTopicCreation: false });
}
