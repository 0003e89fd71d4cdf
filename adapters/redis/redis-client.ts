/** The little of ioredis that the online store needs. */
export interface RedisClient {
  mgetBuffer(keys: string[]): Promise<(Buffer | null)[]>;
  set(key: string, value: Buffer): Promise<unknown>;
  unlink(keys: string[]): Promise<number>;
  scan(cursor: string, match: 'MATCH', pattern: string, count: 'COUNT', size: number): Promise<[string, string[]]>;
  script(load: 'LOAD', script: string): Promise<unknown>;
  pipeline(): RedisPipeline;
}

export interface RedisPipeline {
  evalsha(sha: string, keyCount: number, ...keysAndArguments: (string | Buffer)[]): unknown;
  /** One [error, result] per command, in order. */
  exec(): Promise<[error: Error | null, result: unknown][] | null>;
}
