import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPacketReader, encodePacket } from './packet.ts';
import { parseFlashRegions } from './remote.ts';

const bytes = (text: string) => Buffer.from(text, 'latin1');

describe('GDB packets', () => {
  it('frames the example of the GDB manual', () => {
    expect(encodePacket(bytes('OK')).toString('latin1')).toBe('$OK#9a');
  });

  it('decodes what it encoded, cut anywhere', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.nat(80), (data, cut) => {
        const wire = encodePacket(data);
        const read = createPacketReader();
        const at = Math.min(cut, wire.length);
        const events = [...read(wire.subarray(0, at)), ...read(wire.subarray(at))];
        expect(events).toEqual([{ kind: 'packet', data: Buffer.from(data) }]);
      }),
    );
  });

  it('expands run-length encoding', () => {
    expect(createPacketReader()(bytes('$0* #7a'))).toEqual([{ kind: 'packet', data: bytes('0000') }]);
  });

  it('reports a wrong checksum and reads on', () => {
    const events = createPacketReader()(bytes('$OK#00+$OK#9a'));
    expect(events.map((event) => event.kind)).toEqual(['corrupt', 'ack', 'packet']);
  });
});

describe('memory map', () => {
  it('finds the flash regions and their block size', () => {
    const xml = `<memory-map><memory type="ram" start="0x20000000" length="0x20000"/>
      <memory type="flash" start="0x08000000" length="0x10000"><property name="blocksize">0x4000</property></memory></memory-map>`;
    expect(parseFlashRegions(xml)).toEqual([{ start: 0x08000000, length: 0x10000, blockSize: 0x4000 }]);
  });
});
