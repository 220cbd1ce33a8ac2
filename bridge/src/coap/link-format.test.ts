import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readVectors } from '../../../test/support/vectors.ts';
import { type CoreLink, filterLinks, formatLinks, LinkFormatError, parseLinks } from './link-format.ts';

interface LinkVectors {
  readonly text: string;
  readonly links: readonly {
    readonly path: string;
    readonly rt?: string;
    readonly if?: string;
    readonly ct?: readonly number[];
    readonly sz?: number;
    readonly obs?: boolean;
    readonly title?: string;
  }[];
  readonly queries: readonly {
    readonly name: string;
    readonly query: readonly string[];
    readonly selects: readonly number[];
  }[];
}

const vectors = readVectors<LinkVectors>('link-format.json');

const expected: CoreLink[] = vectors.links.map(({ path, rt, if: interface_, ct, sz, obs, title }) => ({
  href: `/${path.split('/').map(encodeURIComponent).join('/')}`,
  attributes: {
    ...(rt !== undefined && { rt }),
    ...(interface_ !== undefined && { if: interface_ }),
    ...(ct !== undefined && { ct: ct.join(' ') }),
    ...(sz !== undefined && { sz: String(sz) }),
    ...(obs && { obs: true as const }),
    ...(title !== undefined && { title }),
  },
}));

describe('link format', () => {
  it('reads the shared document', () => {
    expect(parseLinks(vectors.text)).toEqual(expected);
  });

  it('writes what it reads', () => {
    expect(parseLinks(formatLinks(expected))).toEqual(expected);
  });

  for (const { name, query, selects } of vectors.queries) {
    it(`filters: ${name}`, () => {
      const links = parseLinks(vectors.text);
      expect(filterLinks(links, query).map((link) => links.indexOf(link))).toEqual(selects);
    });
  }

  it('reads white space, unquoted values and repeated attributes (the first counts)', () => {
    expect(parseLinks('</a>; rt=x; rt="y" ; obs , </b>')).toEqual([
      { href: '/a', attributes: { rt: 'x', obs: true } },
      { href: '/b', attributes: {} },
    ]);
    expect(parseLinks('')).toEqual([]);
    expect(parseLinks('</a,b;c>;title="x,y;<z>"')).toEqual([
      { href: '/a,b;c', attributes: { title: 'x,y;<z>' } },
    ]);
  });

  it.each([
    'a',
    '<a',
    '</a>,',
    '</a>;',
    '</a>;=x',
    '</a>;rt=',
    '</a>;rt="x',
    '</a> </b>',
    '</a>;rt=x y',
    ',',
    '</a>;rt="x"y',
  ])('refuses %j with the place', (text) => {
    expect(() => parseLinks(text)).toThrow(LinkFormatError);
  });

  it('either reads any text or refuses it with LinkFormatError', () => {
    const fragment = fc.constantFrom(
      '<',
      '>',
      ';',
      ',',
      '"',
      '\\',
      '=',
      'rt',
      '/a',
      ' ',
      '__proto__',
      '\u0000',
      'ä',
      'obs',
    );
    fc.assert(
      fc.property(fc.array(fragment, { maxLength: 30 }), (parts) => {
        try {
          const links = parseLinks(parts.join(''));
          expect(parseLinks(formatLinks(links))).toEqual(links);
        } catch (error) {
          expect(error).toBeInstanceOf(LinkFormatError);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
