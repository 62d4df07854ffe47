import type { Room, RoomEvent } from '../rooms/room.ts';
import type { RoomService } from '../rooms/room-service.ts';
import type { Metrics } from './metrics.ts';

const STATES = ['draft', 'open', 'interrupted'] as const;

/** Measures what happens to the rooms of this node. */
export function measureRooms(rooms: Pick<RoomService, 'onEvent' | 'all'>, metrics: Metrics): void {
  metrics.read('glir_rooms', () => {
    const all = rooms.all();
    return STATES.map((state) => ({ labels: { state }, value: all.filter((room) => room.state === state).length }));
  });
  metrics.read('glir_readers', () => [{ labels: {}, value: readersOf(rooms.all()) }]);
  rooms.onEvent((event) => countEvent(event, metrics));
}

function countEvent(event: RoomEvent, metrics: Metrics): void {
  const { platform } = event.room.doctor;
  const { admission } = event.room.policy;
  switch (event.kind) {
    case 'drafted':
      return metrics.count('glir_rooms_drafted_total', { platform });
    case 'opened':
      return metrics.count('glir_rooms_opened_total', { platform, admission });
    case 'interrupted':
      return metrics.count('glir_rooms_interrupted_total', {});
    case 'recovered':
      return metrics.count('glir_rooms_recovered_total', {});
    case 'decision-made':
      return metrics.count('glir_admissions_total', { admission, decision: event.decision });
    case 'ended':
      // The node that ended it counts it.
      if (event.elsewhere !== true) metrics.count('glir_rooms_ended_total', { reason: event.tombstone.reason });
      return undefined;
    default:
  }
}

function readersOf(rooms: readonly Room[]): number {
  return rooms.reduce((sum, { reading }) => sum + reading, 0);
}
