import { describe, expect, test } from 'vitest';
import { pointsOf, readingsOf, sampleOf } from './readings.ts';

describe('what can be drawn', () => {
  test('are the observable resources of atoms and channels, by node', () => {
    const readings = readingsOf([
      { href: '/nodes' },
      { href: '/nodes/gauge-1/node', obs: true },
      { href: '/nodes/gauge-1/a/rain/level', obs: true, rt: 'rainfall' },
      { href: '/nodes/gauge-1/a/rain/once', title: 'Once' },
      { href: '/nodes/gauge-2/io/temp0', obs: null, title: 'Temperature', rt: 'temp' },
      { href: 'coap://elsewhere/nodes/gauge-1/a/x', obs: true },
    ]);
    expect([...readings]).toEqual([
      ['gauge-1', [expect.objectContaining({ label: 'rain/level', title: 'rainfall' })]],
      ['gauge-2', [expect.objectContaining({ label: 'io/temp0', title: 'Temperature' })]],
    ]);
  });

  test('are all that can be observed of a node of other make', () => {
    const links = [
      { href: '/nodes/lamp/lux', obs: true, rt: 'light-lux' },
      { href: '/nodes/lamp/node', obs: true },
      { href: '/nodes/lamp/on' },
      { href: '/nodes/gauge-1/io/rain0', obs: true, rt: 'radon.channel' },
      { href: '/nodes/gauge-1/node', obs: true },
    ];
    expect([...readingsOf(links, (node) => node === 'lamp')]).toEqual([
      [
        'lamp',
        [
          { node: 'lamp', path: '/nodes/lamp/lux', label: 'lux', title: 'light-lux' },
          { node: 'lamp', path: '/nodes/lamp/node', label: 'node', title: 'node' },
        ],
      ],
      ['gauge-1', [expect.objectContaining({ label: 'io/rain0', title: 'io/rain0' })]],
    ]);
  });

  test.each<[string, unknown, unknown]>([
    [
      'SenML',
      [
        { n: 'level', u: 'mm', v: 1.5 },
        { n: 'days', v: 3 },
      ],
      { name: 'level', unit: 'mm', value: 1.5 },
    ],
    [
      'SenML that begins with a base record',
      [{ bn: 'x' }, { n: 'a', v: 0 }],
      { name: 'a', unit: '', value: 0 },
    ],
    ['text', '22.5', { name: '', unit: '', value: 22.5 }],
    ['a number', -1, { name: '', unit: '', value: -1 }],
    ['empty text', ' ', undefined],
    ['words', 'on', undefined],
    ['SenML without numbers', [{ n: 'a', vs: 'x' }, null, 7], undefined],
    ['a value that is none', [{ v: '1' }], undefined],
    ['a document', { v: 1 }, undefined],
    ['bytes', { ct: 42, base64: 'AA==' }, undefined],
  ])('%s', (_, data, sample) => {
    expect(sampleOf(data)).toEqual(sample);
  });

  test('of the past it is the first name of the pack', () => {
    const pack = [
      { n: 'level', t: 10, v: 1 },
      { n: 'days', t: 10, v: 7 },
      { n: 'level', t: 20, v: 2 },
      { n: 'level', v: 3 },
      null,
    ];
    expect(pointsOf(pack)).toEqual([
      { time: 10, value: 1 },
      { time: 20, value: 2 },
    ]);
    expect(pointsOf({ title: 'NOT_FOUND' })).toEqual([]);
  });
});
