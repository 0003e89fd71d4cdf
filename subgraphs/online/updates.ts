import type { CompiledRegistry } from '../../core/definitions/registry-view.ts';
import type { FreshnessIncident } from '../../core/ports/freshness.ts';
import type { LiveBus, LiveKind, LiveListener, LiveMessage, LiveSubscription } from '../../core/ports/live-bus.ts';
import { type Counted, createBoundedBuffer, createEventIterator, type EventIterator } from './live/event-iterator.ts';
import { knownView } from './names.ts';

type FeatureUpdate = Extract<LiveMessage, { kind: 'featureUpdate' }>;
type FreshnessAlert = Extract<LiveMessage, { kind: 'freshnessAlert' }>;

/** A message of the bus on its way to one subscriber. */
export interface Delivered<Message> {
  readonly message: Message;
  readonly cursor: string;
  /** What came before may be lost: the cursor was older than the buffer, or the bus lost messages. */
  readonly lagged: boolean;
}

interface StreamOptions<Message extends LiveMessage> {
  readonly kind: LiveKind;
  readonly accepts: (message: LiveMessage) => message is Message;
  readonly after: string | undefined;
  readonly queuedEvents: number;
}

/** How many keys a slow subscriber's waiting messages may name in all. */
const queuedKeys = 500_000;

/** Messages of one kind for one subscriber; when it is slow the oldest are dropped, and counted. */
async function stream<Message extends LiveMessage>(bus: LiveBus, options: StreamOptions<Message>) {
  let lagged = false;
  let subscription: LiveSubscription | null = null;
  const buffer = createBoundedBuffer<Delivered<Message>>({
    events: options.queuedEvents,
    size: queuedKeys,
    sizeOf: ({ message }) => (message.kind === 'featureUpdate' ? message.keys.length : 0),
  });
  const events: EventIterator<Delivered<Message>, Counted<Delivered<Message>>> = createEventIterator(buffer, () =>
    subscription?.close(),
  );
  const listener: LiveListener = {
    onEvent({ cursor, message }) {
      if (!options.accepts(message)) return;
      events.offer({ message, cursor, lagged });
      lagged = false;
    },
    // The next event says so: before it nobody can tell which views it is about.
    onGap() {
      lagged = true;
    },
  };
  subscription = await bus.subscribe([options.kind], listener, options.after);
  return events;
}

export interface UpdateArguments {
  readonly views?: readonly string[] | null;
  readonly after?: string | null;
}

/** The field `featureUpdates` of Subscription. UNKNOWN_NAME for a view that does not exist. */
export function featureUpdates(registry: CompiledRegistry, bus: LiveBus, queuedEvents: number) {
  return {
    subscribe(_root: unknown, { views, after }: UpdateArguments) {
      const wanted = views && new Set(views.map((name) => knownView(registry, name)));
      const accepts = (message: LiveMessage): message is FeatureUpdate =>
        message.kind === 'featureUpdate' && (!wanted || wanted.has(message.view));
      return stream<FeatureUpdate>(bus, { kind: 'featureUpdate', accepts, after: after ?? undefined, queuedEvents });
    },
    resolve: ({ event, dropped }: Counted<Delivered<FeatureUpdate>>) => ({
      ...event.message,
      view: { __typename: 'FeatureView', name: event.message.view },
      ...delivery(event, dropped),
    }),
  };
}

/** The field `freshnessAlerts` of Subscription. */
export function freshnessAlerts(
  bus: LiveBus,
  incident: (id: string) => Promise<FreshnessIncident | null>,
  queuedEvents: number,
) {
  return {
    subscribe(_root: unknown, { after }: UpdateArguments) {
      const accepts = (message: LiveMessage): message is FreshnessAlert => message.kind === 'freshnessAlert';
      return stream<FreshnessAlert>(bus, { kind: 'freshnessAlert', accepts, after: after ?? undefined, queuedEvents });
    },
    async resolve({ event, dropped }: Counted<Delivered<FreshnessAlert>>) {
      const { incidentId, state } = event.message;
      const found = await incident(incidentId);
      if (found === null) throw new Error(`incident ${incidentId} was announced and is not stored`);
      return {
        ...found,
        view: { __typename: 'FeatureView', name: found.view },
        // The incident may have moved on since.
        state,
        resolvedAt: state === 'FIRING' ? null : found.resolvedAt,
        ...delivery(event, dropped),
      };
    },
  };
}

function delivery({ cursor, lagged }: Delivered<unknown>, dropped: number) {
  return { cursor, lagged: lagged || dropped > 0, dropped };
}
