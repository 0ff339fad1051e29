/** A certificate for Google's names, which the process that is given it as a root believes. */
import { generate } from 'selfsigned';

export interface Certificate {
  /** Both PEM. */
  cert: string;
  key: string;
}

/** @param names Of the servers that have it. */
export async function createCertificate(names: readonly string[]): Promise<Certificate> {
  const altNames = names.map((value) => ({ type: 2 as const, value }));
  const { cert, private: key } = await generate(
    [{ name: 'commonName', value: 'media-analysis test' }],
    {
      algorithm: 'sha256',
      keyType: 'ec',
      extensions: [{ name: 'subjectAltName', altNames }],
    },
  );
  return { cert, key };
}
