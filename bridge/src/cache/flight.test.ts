import { expect, test } from 'vitest';
import { Flight, Flights } from './flight.ts';

test('flights in one bucket are told apart, and go one by one or all at once', () => {
  const flights = new Flights();
  // The first characters of a long key do not count for its bucket.
  const [a, b, c] = ['a', 'b', 'c'].map((name) => new Flight(`${name}${'x'.repeat(20)}`, undefined));
  const all = [a, b, c] as [Flight, Flight, Flight];
  const found = () => all.map(({ key }) => flights.find(key) !== undefined);
  for (const flight of all) flights.add(flight);
  expect(found()).toEqual([true, true, true]);
  flights.remove(all[1]);
  flights.remove(all[1]);
  expect(found()).toEqual([true, false, true]);
  flights.clear();
  expect(found()).toEqual([false, false, false]);
  flights.remove(all[0]);
  flights.add(all[2]);
  expect(found()).toEqual([false, false, true]);
});
