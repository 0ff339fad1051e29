/** A file as a tree of its pieces: boxes, chunks, segments, elements. Each format reads and writes it in its own way. */

export interface Piece {
  /** Name of the kind, as the format has it. */
  type: string;
  /** Fields before the children, or all of the content. */
  data: Buffer;
  children: Piece[];
  /** The length that the file claims instead of the real one; absent: the real one. */
  claimed?: number;
}

export interface Format {
  read(bytes: Buffer): Piece[];
  write(pieces: readonly Piece[]): Buffer;
  /** Whether numbers have their lowest byte first. */
  isLittleEndian: boolean;
}

export const leaf = (type: string, data: Buffer): Piece => ({ type, data, children: [] });

export function uint(value: number, bytes: 1 | 2 | 4, isLittleEndian = false): Buffer {
  const buffer = Buffer.alloc(bytes);
  const fitting = value % 2 ** (8 * bytes);
  if (isLittleEndian) buffer.writeUIntLE(fitting, 0, bytes);
  else buffer.writeUIntBE(fitting, 0, bytes);
  return buffer;
}

export function copyOf(piece: Piece): Piece {
  return { ...piece, children: piece.children.map(copyOf) };
}
