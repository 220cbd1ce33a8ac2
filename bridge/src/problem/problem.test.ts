import { describe, expect, test } from 'vitest';
import { decodeProblem, encodeProblem, errorOfResponse, problemReply, RadonError } from './index.ts';

const text = (value: string) => new TextEncoder().encode(value);

describe('errors', () => {
  test('a sentence is filled with details, large numbers are grouped', () => {
    const error = new RadonError('DOES_NOT_FIT', { need: 6144, free: 4880 });
    expect(error.message).toBe('Needs 6,144 bytes, 4,880 are free.');
    expect(error.remedy).toContain('radon stop NAME');
  });

  test('a missing detail does not break the sentence', () => {
    expect(new RadonError('UNKNOWN_KEY').message).toBe('The node does not trust key ?.');
  });
});

describe('problem details', () => {
  test('what a node sends is what its reader throws', () => {
    const sent = new RadonError('OLD_SEQUENCE', { sequence: 3, have: 7 });
    const error = errorOfResponse(
      { code: 0x89, payload: encodeProblem(sent), contentFormat: 257 },
      'gauge-1',
    );
    expect(error).toMatchObject({
      code: 'OLD_SEQUENCE',
      details: { sequence: 3, have: 7 },
      message: sent.message,
    });
  });

  test('an answer that is an error holds for this moment, a full inbox or a lost node for a second', () => {
    expect(problemReply(new RadonError('NOT_FOUND', { name: '/x' }))).toMatchObject({
      code: 0x84,
      maxAge: 0,
    });
    for (const name of ['INBOX_FULL', 'NODE_LOST'] as const) {
      expect(problemReply(new RadonError(name, { name: 'x' }))).toMatchObject({ code: 0xa3, maxAge: 1 });
    }
  });

  test('every detail a sentence names has a field key', () => {
    const details = {
      detail: 'x',
      right: 'deploy',
      limit: 1,
      method: 'GET',
      code: '4.04',
      kid: 'aa',
      phase: 'ERROR',
    };
    const sent = encodeProblem(new RadonError('BAD_CONTENT', details));
    expect(decodeProblem(sent)?.details).toEqual(details);
  });

  test('a detail that is a list is left out, however deep', () => {
    const deep = Buffer.concat([
      Buffer.from('a2206161', 'hex'),
      Buffer.from('6d7261646f6e3a70726f626c656d', 'hex'),
    ]);
    const details = Uint8Array.from([0xa2, 0x00, ...new Uint8Array(900).fill(0x81), 0, 0x03, 0x05]);
    expect(decodeProblem(Buffer.concat([deep, details]))?.details).toEqual({ abi: 5 });
  });

  test('an error that is not in the table keeps its own words', () => {
    const unknown = Buffer.from('a2 20 63544541 21 63212121'.replaceAll(' ', ''), 'hex');
    const error = errorOfResponse({ code: 0x84, payload: unknown, contentFormat: 257 }, 'gauge-1');
    expect(error.message).toBe('gauge-1 answered 4.04: !!!.');
  });

  test.each([
    [0x85, 'gauge-1 answered 4.05: method not allowed.'],
    [0x9e, 'gauge-1 answered 4.30: no reason given.'],
  ])('an error that says nothing is told by its code: %i', (code, sentence) => {
    expect(errorOfResponse({ code, payload: text('') }, 'gauge-1').message).toBe(sentence);
  });

  test('a diagnostic payload is shown without control characters', () => {
    const error = errorOfResponse({ code: 0x80, payload: text('no \u001b[31mway\n') }, 'gauge-1');
    expect(error.message).toBe('gauge-1 answered 4.00: no  [31mway .');
  });

  test.each([[''], ['ff'], ['80'], ['a1 20 01'], ['a1 01 61 61']])('%j is no problem document', (hex) => {
    const payload = Buffer.from(hex.replaceAll(' ', ''), 'hex');
    expect(decodeProblem(payload)).toBeUndefined();
    expect(errorOfResponse({ code: 0xa0, payload, contentFormat: 257 }, 'b').code).toBe('NODE_REFUSED');
  });
});
