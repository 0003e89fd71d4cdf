// Ends with 0 when the process in this container says that it is alive, and else with 1.
const response = await fetch(`http://127.0.0.1:${process.env.PORT}/healthz`, { signal: AbortSignal.timeout(4_000) });
process.exitCode = response.ok ? 0 : 1;
