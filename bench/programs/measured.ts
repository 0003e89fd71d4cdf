/** The request that the harness passed. */
export function readRequest<Request>(): Request {
  return JSON.parse(process.argv[2]!) as Request;
}

export interface Watch {
  /** Prints what the work took, since the watch was started, as the harness reads it. */
  print(details?: Readonly<Record<string, number | string>>): void;
}

/** Starts measuring time, CPU time and memory. Node's own memory is what V8 holds, and buffers outside of its heap. */
export function startWatch(): Watch {
  globalThis.gc?.();
  const startedAt = performance.now();
  const cpuBefore = process.cpuUsage();
  let nodePeakBytes = 0;
  const sample = () => {
    const { heapTotal, external } = process.memoryUsage();
    nodePeakBytes = Math.max(nodePeakBytes, heapTotal + external);
  };
  sample();
  const timer = setInterval(sample, 20);
  return {
    print(details = {}) {
      const seconds = (performance.now() - startedAt) / 1_000;
      clearInterval(timer);
      sample();
      const { user, system } = process.cpuUsage(cpuBefore);
      const peakRssBytes = process.resourceUsage().maxRSS * 1024;
      const result = { seconds, cpuSeconds: (user + system) / 1e6, peakRssBytes, nodePeakBytes, ...details };
      process.stdout.write(JSON.stringify(result));
    },
  };
}
