/** Since this version, Node's SQLite needs no flag: https://nodejs.org/api/sqlite.html */
export const OLDEST_NODE = '22.13';
