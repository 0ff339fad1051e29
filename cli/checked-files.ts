/** Limits the files that an agent may send: photos and videos by their bytes, in folders that the user has named. */
import { constants, openAsBlob } from 'node:fs';
import { type FileHandle, open, readlink, realpath, stat } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { ACCEPTED_TYPES_TEXT } from '@media-analysis/shared/accepted';
import { acceptedFormat } from '@media-analysis/shared/detected-formats';
import { fileTypeFromFile } from 'file-type';
import { UsageError } from './arguments.ts';

/** Some of an agent's words may come from strangers, so a path from the agent is not a wish of the user. */
export class NamedFolders {
  /** Real paths, without links. */
  readonly paths: readonly string[];

  private constructor(paths: readonly string[]) {
    this.paths = paths;
  }

  /**
   * @param base the folder that relative paths start from
   * @throws {UsageError} if a path is not a folder
   */
  static async from(folders: readonly string[], base: string): Promise<NamedFolders> {
    const paths = folders.map(async (folder) => {
      const path = await realpath(resolve(base, folder)).catch(() => undefined);
      if (path !== undefined && (await stat(path)).isDirectory()) return path;
      throw new UsageError(`mcp ${folder}: there is no such folder. Name folders with photos.`);
    });
    return new NamedFolders(await Promise.all(paths));
  }

  /**
   * Reveals nothing about other folders, not even whether a file exists.
   * @throws {UsageError} if the path is outside
   */
  async check(path: string, base: string): Promise<void> {
    if (this.paths.length === 0) throw new UsageError(NO_FOLDER);
    const named = resolve(base, path);
    if (this.#has(await realpath(named).catch(() => named))) return;
    throw new UsageError(
      `${path} is not in a folder whose files may be sent: ${this.paths.join(', ')}. The person who uses you can name more folders where this MCP server is started.`,
    );
  }

  /**
   * Opens a file once: the checked file is the one that is sent, although somebody may replace it meanwhile.
   * @param place a path without links
   * @param opened receives the open file, which the caller closes when it is sent
   */
  async open(place: string, opened: FileHandle[]): Promise<Blob | { why: string }> {
    // Opening a pipe would wait. Windows has neither flag.
    const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
    const handle = await open(place, flags);
    opened.push(handle);
    if (!(await handle.stat()).isFile()) return { why: 'it is no file' };
    const path = await pathOf(handle, place);
    if (!this.#has(path.real)) return { why: 'it is not in a folder whose files may be sent' };
    const blob = await openAsBlob(path.toRead);
    const found = await fileTypeFromFile(path.toRead);
    if (found && acceptedFormat(found.mime)) return blob;
    return { why: `its bytes are no photo or video that is taken: ${ACCEPTED_TYPES_TEXT}` };
  }

  #has(place: string): boolean {
    return this.paths.some((folder) => {
      const way = relative(folder, place);
      return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
    });
  }
}

const NO_FOLDER =
  'No file of this machine may be sent, because no folder was named when this MCP server was started. The person who uses you can name one in the settings of the server: media-analysis mcp FOLDER.';

/** Finds the path of the open file, and a path by which exactly this file is read. */
async function pathOf(
  { fd }: FileHandle,
  place: string,
): Promise<{ real: string; toRead: string }> {
  if (process.platform !== 'linux') {
    // Node reads by the path again, and refuses a file whose size or time has changed.
    return { real: await realpath(place), toRead: place };
  }
  // https://man7.org/linux/man-pages/man5/proc_pid_fd.5.html
  const toRead = `/proc/self/fd/${fd}`;
  return { real: await readlink(toRead), toRead };
}
