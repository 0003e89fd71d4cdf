import { readFileSync } from 'node:fs';

/*
 * Loaded into Asof's processes before anything else: their machine's clock is ahead of the real one by so many milliseconds
 * as the file ASOF_TEST_CLOCK_SHIFT says at the moment, as if it had been set.
 */
const file = process.env.ASOF_TEST_CLOCK_SHIFT;
const real = Date.now;
let shift = 0;
setInterval(() => {
  shift = Number(readFileSync(file, 'utf8'));
}, 100).unref();
Date.now = () => real() + shift;
