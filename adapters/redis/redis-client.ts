/** The little of ioredis that the online store needs: commands by their names, replies in bytes. */
export interface RedisClient {
  callBuffer(name: string, args: RedisArguments): Promise<unknown>;
  pipeline(): RedisPipeline;
}

export type RedisArguments = (string | Buffer | number)[];

export interface RedisPipeline {
  callBuffer(name: string, args: RedisArguments): unknown;
  /** One [error, result] per command, in order. */
  exec(): Promise<[error: Error | null, result: unknown][] | null>;
}

export interface RedisCommand {
  readonly name: string;
  readonly args: RedisArguments;
  /** Means nothing to another server: never sent on. */
  readonly isForThisServer?: boolean;
}
