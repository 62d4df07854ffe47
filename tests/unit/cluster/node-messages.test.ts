import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { keyFor } from '../../../src/cluster/cluster-keys.ts';
import { MESSAGE_MS, MessageSeal, type NodeMessage } from '../../../src/cluster/node-messages.ts';
import { Secret } from '../../../src/config/secret.ts';
import { standingClock } from '../../support/server/movable-clock.ts';

const CHANNEL = 'glir_all';
const GAP: NodeMessage = { kind: 'gap' };

function twoNodes() {
  const clock = standingClock();
  const key = keyFor('messages', new Secret(randomBytes(32).toString('base64')));
  const sealOf = (run: string, more = {}) => new MessageSeal({ key, run, now: () => clock.now(), ...more });
  return { clock, sealOf, sender: sealOf('sender'), receiver: sealOf('receiver') };
}

describe('a message between nodes', () => {
  it('is opened once, on its channel', () => {
    const { sender, receiver } = twoNodes();
    const sealed = sender.seal(CHANNEL, GAP);
    expect(receiver.open('glir_other', sealed)).toBeNull();
    expect(receiver.open(CHANNEL, sealed)).toMatchObject({ from: 'sender', message: GAP });
    expect(receiver.open(CHANNEL, sealed)).toBeNull();
  });

  it('does not arrive behind one that the same node sent later', () => {
    const { sender, receiver, sealOf } = twoNodes();
    const [first, second] = [sender.seal(CHANNEL, GAP), sender.seal('glir_other', GAP)];
    expect(receiver.open('glir_other', second)).not.toBeNull();
    expect(receiver.open(CHANNEL, first)).toBeNull();
    expect(receiver.open(CHANNEL, sealOf('third').seal(CHANNEL, GAP))).not.toBeNull();
  });

  it('is good for 30 s, and heard once also when nothing else is remembered of its sender', () => {
    const { sender, receiver, clock } = twoNodes();
    const [late, tooLate] = [sender.seal(CHANNEL, GAP), sender.seal(CHANNEL, GAP)];
    clock.advance(MESSAGE_MS);
    expect(receiver.open(CHANNEL, late)).not.toBeNull();
    receiver.forget();
    expect(receiver.open(CHANNEL, late)).toBeNull();
    clock.advance(1);
    expect(receiver.open(CHANNEL, tooLate)).toBeNull();
  });

  it('of before the receiver began is not heard, unless the database’s clock was set back since', () => {
    const { sender, receiver, clock } = twoNodes();
    const recorded = sender.seal(CHANNEL, GAP);
    clock.advance(1);
    receiver.start();
    expect(receiver.open(CHANNEL, recorded)).toBeNull();
    expect(receiver.open(CHANNEL, sender.seal(CHANNEL, GAP))).not.toBeNull();
    clock.set(-3_600_000);
    expect(receiver.open(CHANNEL, sender.seal(CHANNEL, GAP))).not.toBeNull();
  });

  it('with another key, for another purpose, or of another form does not open', () => {
    const { sender, receiver, sealOf } = twoNodes();
    const secret = new Secret(randomBytes(32).toString('base64'));
    for (const key of [keyFor('messages', secret), keyFor('requests', secret)]) {
      expect(receiver.open(CHANNEL, sealOf('sender', { key }).seal(CHANNEL, GAP))).toBeNull();
    }
    expect(receiver.open(CHANNEL, sender.seal(CHANNEL, JSON.parse('{"kind":"unknown"}')))).toBeNull();
    expect(receiver.open(CHANNEL, 'AAAA')).toBeNull();
  });

  it('in a row belongs to its notification', () => {
    const { sender, receiver } = twoNodes();
    const [one, other] = [sender.sealStored(CHANNEL, GAP), sender.sealStored(CHANNEL, GAP)];
    const opened = receiver.open(CHANNEL, one.notification(7));
    if (opened === null || !('row' in opened)) throw new Error('It names a row.');
    expect(opened.row).toBe(7);
    expect(receiver.openStored(CHANNEL, opened, other.stored)).toBeNull();
    expect(receiver.openStored('glir_other', opened, one.stored)).toBeNull();
    expect(receiver.openStored(CHANNEL, opened, one.stored)).toEqual(GAP);
  });
});
