import { describe, expect, it } from 'vitest';
import { createRelayUsers } from '../../../src/sfu/relay-users.ts';

describe('users of TURN servers', () => {
  it('are the same for one network and room, however often somebody comes, also when the composer connects anew', () => {
    const usersOf = createRelayUsers();
    const seen = new Set(Array.from({ length: 1_000 }, () => usersOf('room').reader('7')));
    expect(seen.size).toBe(1);
    expect(usersOf('room').composer()).toBe(usersOf('room').composer());
  });

  it('differ between rooms, networks, servers and the composer, and tell none of these', () => {
    const [usersOf, others] = [createRelayUsers(), createRelayUsers()];
    const users = [
      usersOf('room-1').composer(),
      usersOf('room-1').reader('7'),
      usersOf('room-1').reader('8'),
      usersOf('room-2').reader('7'),
      usersOf('room-2').reader('composer'),
      others('room-1').reader('7'),
    ];
    expect(new Set(users).size).toBe(users.length);
    for (const user of users) expect(user).toMatch(/^[\w-]{8}$/);
  });

  it('are forty in a room at most: who comes from a hundred networks gets no hundred users', () => {
    const users = createRelayUsers()('room');
    const given = Array.from({ length: 100 }, (_, network) => users.reader(String(network)));
    expect(given.filter((user) => user !== null)).toHaveLength(40);
    expect(users.reader('3')).toBe(given[3]);
    expect(users.reader('99')).toBeNull();
    expect(users.composer()).not.toBeNull();
  });
});
