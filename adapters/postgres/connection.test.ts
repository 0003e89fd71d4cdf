import { describe, expect, it } from 'vitest';
import { parsePostgresUrl } from './connection.ts';

describe('the URL of PostgreSQL', () => {
  const ssl = (query: string, ca: string | null = null) =>
    parsePostgresUrl(`postgres://u:secret@h:5433/d${query}`, ca).config.ssl;

  it('says whether and how TLS is used', () => {
    expect(ssl('')).toBe(false);
    expect(ssl('', 'PEM')).toEqual({ ca: 'PEM' });
    expect(ssl('?sslmode=disable', 'PEM')).toBe(false);
    for (const mode of ['require', 'verify-ca', 'verify-full']) expect(ssl(`?sslmode=${mode}`)).toEqual({});
    expect(ssl('?sslmode=no-verify')).toEqual({ rejectUnauthorized: false });
    const { connectionString } = parsePostgresUrl('postgres://h/d?sslmode=require&options=-c%20x', null).config;
    expect(connectionString).toBe('postgres://h/d?options=-c+x');
  });

  it('refuses what would go on in plain text, and files that are not there, never showing the password', () => {
    for (const mode of ['allow', 'prefer', 'sometimes']) {
      expect(() => ssl(`?sslmode=${mode}`)).toThrow(
        new RegExp(`DATABASE_URL.*expected sslmode=disable.*got "${mode}"`),
      );
    }
    expect(() => ssl('?sslrootcert=/none')).toThrow(/expected sslrootcert.*ENOENT/);
    for (const wrong of ['mysql://u:secret@h/d', 'u:secret@h', 'postgres://u:sec#ret@h/d']) {
      expect(() => parsePostgresUrl(wrong, null)).toThrow(/DATABASE_URL.*expected postgres:/);
      expect(() => parsePostgresUrl(wrong, null)).not.toThrow(/sec#?ret/);
    }
    expect(() => ssl('?sslmode=prefer')).not.toThrow(/secret/);
  });
});
