/**
 * A line on stdin: what comes now is measured. Its end: prints what it took, and closes.
 *
 * @param close lets the process end
 * @param details what else is printed
 */
export function tellUsage(close: () => unknown, details: () => object = () => ({})): void {
  let cpuBefore = process.cpuUsage();
  process.stdin.on('data', () => {
    globalThis.gc?.();
    cpuBefore = process.cpuUsage();
  });
  process.stdin.on('end', () => {
    const { user, system } = process.cpuUsage(cpuBefore);
    const peakRssBytes = process.resourceUsage().maxRSS * 1024;
    const usage = { cpuSeconds: (user + system) / 1e6, peakRssBytes, ...details() };
    process.stdout.write(`${JSON.stringify(usage)}\n`, () => void close());
  });
}
