/** Commit, BatchWrite, the writes of single documents, and the start and end of transactions. */
import { randomBytes } from 'node:crypto';
import { status } from '@grpc/grpc-js';
import { invalidArgument } from '../../base/rpc-error.ts';
import { toWireTimestamp } from '../clock.ts';
import type { Database } from '../database.ts';
import type { Databases } from '../databases.ts';
import { toWireDocument } from '../documents.ts';
import { notFound, toRpcError } from '../errors.ts';
import { parseReadMask } from '../fields.ts';
import { checkId, parseDocumentName, parseParent } from '../paths.ts';
import type {
  FieldMask,
  Precondition,
  TransactionOptions,
  WireDocument,
  Write,
  WriteResult,
} from '../wire.ts';

/** Length of the ids that the service generates. */
const AUTO_ID_LENGTH = 20;

interface CommitRequest {
  database?: string;
  writes: Write[];
  transaction?: Uint8Array;
}

interface CreateRequest {
  parent?: string;
  collectionId?: string;
  documentId?: string;
  document?: WireDocument;
  mask?: FieldMask;
}

interface UpdateRequest {
  document?: WireDocument;
  updateMask?: FieldMask;
  mask?: FieldMask;
  currentDocument?: Precondition;
}

interface DeleteRequest {
  name?: string;
  currentDocument?: Precondition;
}

export async function commit(databases: Databases, request: CommitRequest) {
  const database = databases.get(request.database);
  const { writeResults, commitTime } = await database.commit(request.writes, request.transaction);
  return { writeResults, commitTime: toWireTimestamp(commitTime) };
}

/** Applies each write separately, each with its own result or error. */
export async function batchWrite(databases: Databases, request: CommitRequest) {
  const database = databases.get(request.database);
  const names = request.writes.map(
    (write) => write.update?.name ?? write.delete ?? write.verify ?? write.transform?.document,
  );
  if (new Set(names).size < names.length) {
    throw invalidArgument('A document cannot be written to more than once in a batch write.');
  }
  const outcomes = await Promise.all(request.writes.map((write) => writeAlone(database, write)));
  return {
    writeResults: outcomes.map(({ result }) => result),
    status: outcomes.map(({ code, message }) => ({ code, message })),
  };
}

async function writeAlone(
  database: Database,
  write: Write,
): Promise<{ result: WriteResult; code: number; message: string }> {
  const nothing: WriteResult = { transformResults: [] };
  try {
    const { writeResults } = await database.commit([write]);
    return { result: writeResults[0] ?? nothing, code: status.OK, message: '' };
  } catch (error) {
    const { code, message } = toRpcError(error);
    return { result: nothing, code, message };
  }
}

export async function createDocument(databases: Databases, request: CreateRequest) {
  const parent = parseParent(request.parent);
  checkId(request.collectionId ?? '');
  if (request.document?.name) throw invalidArgument('document.name must not be set.');
  const id = request.documentId || autoId();
  const segments = [...parent.segments, request.collectionId ?? '', id];
  const name = `${parent.database}/documents/${segments.join('/')}`;
  return await writeDocument(databases, request.mask, {
    operation: 'update',
    update: { ...request.document, name, fields: request.document?.fields ?? {} },
    updateTransforms: [],
    currentDocument: { conditionType: 'exists', exists: false },
  });
}

export async function updateDocument(databases: Databases, request: UpdateRequest) {
  const { document, updateMask, currentDocument } = request;
  return await writeDocument(databases, request.mask, {
    operation: 'update',
    update: document ?? { fields: {} },
    updateTransforms: [],
    ...(updateMask && { updateMask }),
    ...(currentDocument && { currentDocument }),
  });
}

async function writeDocument(databases: Databases, mask: FieldMask | undefined, write: Write) {
  const readMask = parseReadMask(mask);
  const name = write.update?.name ?? '';
  const path = parseDocumentName(name);
  const database = databases.get(path.database);
  await database.commit([write]);
  const document = database.store.get(path.segments);
  if (!document) throw notFound(`Document "${name}" not found.`);
  return toWireDocument(document, readMask);
}

export async function deleteDocument(databases: Databases, request: DeleteRequest) {
  const { name = '', currentDocument } = request;
  const database = databases.get(parseDocumentName(name).database);
  await database.commit([
    {
      operation: 'delete',
      delete: name,
      updateTransforms: [],
      ...(currentDocument && { currentDocument }),
    },
  ]);
  return {};
}

export function beginTransaction(
  databases: Databases,
  request: { database?: string; options?: TransactionOptions },
) {
  const transaction = databases.get(request.database).begin(request.options);
  return { transaction: Buffer.from(transaction.id, 'hex') };
}

export function rollback(
  databases: Databases,
  request: { database?: string; transaction?: Uint8Array },
) {
  const { transactions } = databases.get(request.database);
  transactions.end(transactions.get(request.transaction ?? Buffer.alloc(0)));
  return {};
}

function autoId(): string {
  return randomBytes(AUTO_ID_LENGTH).toString('base64url').slice(0, AUTO_ID_LENGTH);
}
