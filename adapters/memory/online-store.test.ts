import { onlineStoreContract } from '../../test/contracts/online-store.ts';
import { createMemoryOnlineStore } from './online-store.ts';

onlineStoreContract('memory', async () => createMemoryOnlineStore());
