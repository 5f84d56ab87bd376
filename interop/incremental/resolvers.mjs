// The data of all servers here: what is slow comes after a moment, so that it is a part of its own.

const later = (value, ms) => new Promise((done) => setTimeout(() => done(value), ms));

const owner = { __typename: 'User', id: 'u1', name: 'Ann', mail: () => later('ann@example.com', 20) };

export const event = {
  __typename: 'Event',
  id: 'e1',
  name: 'Ball',
  revenue: () => later(1.5, 30),
  broken: async () => {
    await later(null, 10);
    throw new Error('out of order');
  },
  owner,
  guests: async function* guests() {
    for (let id = 1; id <= 3; id++) {
      await later(null, 5);
      yield { id, mail: () => later(id === 2 ? null : `${id}@example.com`, 10), event: () => event };
    }
  },
  seats: [[1, 2], [], [3]],
};

export const root = { event: () => event, nodes: () => later([event, owner], 5) };
