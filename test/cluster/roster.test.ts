import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Announcement,
  openAnnouncement,
  signAnnouncement,
} from '../../packages/backends/src/grpc/discovery/announcement.ts';
import { Roster } from '../../packages/backends/src/grpc/discovery/roster.ts';
import { searchReport } from '../../packages/backends/src/grpc/discovery/search-report.ts';

const NOON = 1_800_000_000_000;
const said = (more: Partial<Announcement> = {}): Announcement => ({
  address: 'a:1',
  slots: 2,
  instance: 'first',
  number: 1,
  at: NOON,
  ttlMs: 10_000,
  ...more,
});

describe('announcements', () => {
  const token = { key: randomBytes(32) };

  test('what was signed opens with the same key alone', () => {
    const text = signAnnouncement(said({ labels: { gpu: '1' } }), token);
    expect(openAnnouncement(text, token)).toEqual(said({ labels: { gpu: '1' } }));
    expect(openAnnouncement(text, { key: randomBytes(32) })).toEqual({
      refused: "not signed with this cluster's token",
    });
  });

  test('any changed character is refused, and nothing throws', () => {
    const text = signAnnouncement(said(), token);
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.constantFrom(...'abcXYZ019-_.{'), (at, letter) => {
        const changed = text.slice(0, at) + letter + text.slice(at + 1);
        const opened = openAnnouncement(changed, token);
        // the last letter of base64 has bits that count for nothing
        if (changed !== text && at < text.length - 1) expect(opened).toHaveProperty('refused');
      }),
    );
    fc.assert(fc.property(fc.string(), (any) => 'refused' in openAnnouncement(any, token)));
    expect(openAnnouncement('v1.'.padEnd(100_000, 'a'), token)).toEqual({ refused: 'too long' });
  });
});

describe('roster', () => {
  test('a daemon is there for its time to live after the last news of it', () => {
    const roster = new Roster();
    expect(roster.see(said(), 0, NOON)).toBeUndefined();
    expect(roster.present(9_999)).toEqual([said()]);
    expect(roster.present(10_000)).toEqual([]);
    roster.see(said({ number: 2, at: NOON + 9_000 }), 9_000, NOON + 9_000);
    expect(roster.present(18_999)).toHaveLength(1);
  });

  test('the same announcement seen again and again renews nothing', () => {
    const roster = new Roster();
    for (let now = 0; now < 20_000; now += 1_000) roster.see(said(), now, NOON + now);
    expect(roster.present(20_000)).toEqual([]);
  });

  test('an older one, of the same start or of one before, is refused', () => {
    const roster = new Roster();
    roster.see(said({ number: 5 }), 0, NOON);
    expect(roster.see(said({ number: 4 }), 1, NOON)).toBe('older than what it said before');
    expect(roster.see(said({ instance: 'before', number: 9, at: NOON - 1 }), 1, NOON)).toBe(
      'older than what it said before',
    );
    expect(roster.see(said({ instance: 'restarted', number: 1, at: NOON + 1 }), 1, NOON)).toBeUndefined();
  });

  test('one that somebody kept for an hour is stale', () => {
    expect(new Roster().see(said(), 0, NOON + 3_600_000)).toBe("stale: signed 3600 s ago by this host's clock");
  });

  test('a daemon that leaves is gone at once', () => {
    const roster = new Roster();
    roster.see(said(), 0, NOON);
    roster.see(said({ number: 2, left: true }), 1, NOON);
    expect(roster.present(1)).toEqual([]);
  });
});

test('the report of a search says who was found, who not, and why', () => {
  const daemons = [
    { address: 'a:1', from: 'the workers option' },
    { address: 'b:1', from: 'registry redis://r:6379', fault: 'refused the connection' },
  ];
  expect(searchReport(daemons, ['dns:c:1 cannot be resolved: ENOTFOUND'], 2, 10_000)).toBe(
    `only 1 of 2 worker daemons could be used within 10000 ms (waitForWorkers):
  a:1 (the workers option): found
  b:1 (registry redis://r:6379): refused the connection
  dns:c:1 cannot be resolved: ENOTFOUND`,
  );
  expect(searchReport([], [], 1, 50)).toBe(
    `no worker daemon could be used within 50 ms (waitForWorkers):
  nobody names any daemon: neither the workers option nor a registry`,
  );
});
