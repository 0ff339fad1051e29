/** Where the names that an integrator gives to media take part in their life. */
import type { Feature } from '../../core/media/moments.ts';
import { metadataAfter, namesOf } from './metadata.ts';

export const metadataShown: Feature = {
  name: 'metadata',
  shown: ({ metadata, external_id }, media) => ({
    ...media,
    ...(metadata && { metadata }),
    ...(external_id && { external_id }),
  }),
};

export const metadataMoments: Feature = {
  ...metadataShown,
  accepting: (said) => {
    const given = [said.fields, ...said.files].map(({ metadata, external_id }) => [
      metadata,
      external_id,
    ]);
    if (given.flat().every((each) => each === undefined)) return undefined;
    let names: ReturnType<typeof namesOf> | undefined;
    const change = (index: number) => {
      names ??= namesOf(said);
      return names[index] ?? {};
    };
    return { fingerprint: ['metadata', given], change };
  },
  editing: (record, { metadata, external_id }) => ({
    ...(metadata !== undefined && { metadata: metadataAfter(record.metadata, metadata) }),
    ...(external_id !== undefined && { external_id: external_id ?? undefined }),
  }),
};
