import { createHash } from 'node:crypto';

/**
 * Stands for an owner in records that outlive the owner's media, and in their names: an owner's id may be any text, and
 * is often an e-mail address. The same owner always has the same 64 hexadecimal digits.
 */
export function ownerHash(ownerId: string): string {
  return createHash('sha256').update(ownerId).digest('hex');
}
