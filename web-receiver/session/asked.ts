import type { ReceiverState, RoomFacts } from './state.ts';

/** The tap is made, and nothing came back yet but, at most, the short code. */
export function askedState(room: RoomFacts, shortCode: string | null): ReceiverState {
  if (room.admission === 'ask') return { name: 'waiting', room, shortCode };
  return { name: 'closed', room, opening: true, pin: null };
}
