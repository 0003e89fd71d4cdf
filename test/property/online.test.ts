import { test } from 'vitest';
import { deliveries, onlineQuestions } from './deliveries.ts';
import { checkEqualsOracle } from './equality.ts';

test('the online store equals the oracle, however records are delivered', async () => {
  await checkEqualsOracle(deliveries, onlineQuestions, 1_500);
}, 36_000_000);
